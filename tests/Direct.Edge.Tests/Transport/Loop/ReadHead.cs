using System.Text;
using Direct.Edge.Transport.Loop;

namespace Direct.Edge.Tests.Transport.Loop;

/// <summary>What <see cref="HandshakeRequest"/> made of some input, in a form that can be kept and compared.</summary>
internal sealed record ReadHead(HeadStatus Status, int Length, string Key, string? Origin, string Addresses)
{
    public static ReadHead Of(ReadOnlySpan<byte> input)
    {
        var status = HandshakeRequest.Read(input, out var head);
        var addresses = head.AddressHeaders.Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal);
        return new ReadHead(status, head.Length, Encoding.ASCII.GetString(head.Key), head.Origin, string.Join('|', addresses));
    }

    /// <summary>Of text in which every character is a byte.</summary>
    public static ReadHead Of(string input) => Of(Encoding.Latin1.GetBytes(input));
}
