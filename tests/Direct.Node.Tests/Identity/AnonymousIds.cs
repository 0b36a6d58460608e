using System.Text;

namespace Direct.Node.Tests.Identity;

/// <summary>Provides a second implementation of the contract's formula, written separately so that it detects errors of the first.</summary>
internal static class AnonymousIds
{
    public static long Of(string addressText)
    {
        var hash = 0x811C9DC5u;
        foreach (var octet in Encoding.UTF8.GetBytes(addressText))
        {
            hash ^= octet;
            hash *= 0x01000193u;
        }

        return -(hash & 0x7FFFFFFF);
    }
}
