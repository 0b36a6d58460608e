using System.Text;

namespace Direct.Edge.Identity;

/// <summary>
/// Calculates the user id of a client without a session. It is negative, and the same for the same address text on every node and day.
/// </summary>
internal static class AnonymousId
{
    private const uint OffsetBasis = 2166136261;
    private const uint Prime = 16777619;

    /// <summary>Returns <c>-(FNV-1a-32(text) &amp; 0x7FFFFFFF)</c> over the UTF-8 bytes of <paramref name="addressText"/>.</summary>
    public static long For(string addressText)
    {
        var hash = OffsetBasis;
        foreach (var value in Encoding.UTF8.GetBytes(addressText))
        {
            hash = (hash ^ value) * Prime;
        }

        return -(long)(hash & 0x7FFFFFFF);
    }
}
