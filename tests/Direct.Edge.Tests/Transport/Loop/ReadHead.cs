using System.Text;
using Direct.Edge.Transport.Loop;

namespace Direct.Edge.Tests.Transport.Loop;

/// <summary>Represents the result of <see cref="HandshakeRequest"/> for some input as a value that can be compared.</summary>
internal sealed record ReadHead(HeadStatus Status, int Length, string Key, string? Origin, string Addresses)
{
    public static ReadHead Of(ReadOnlySpan<byte> input)
    {
        var status = HandshakeRequest.Read(input, out var head);
        var addresses = head.AddressHeaders.Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal);
        return new ReadHead(status, head.Length, Encoding.ASCII.GetString(head.Key), head.Origin, string.Join('|', addresses));
    }

    /// <summary>Parses text in which every character is one byte.</summary>
    public static ReadHead Of(string input) => Of(Encoding.Latin1.GetBytes(input));
}
