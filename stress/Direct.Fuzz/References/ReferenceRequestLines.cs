using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Direct.Fuzz.References;

/// <summary>
/// Encodes the request lines of an HTTP connection: Kestrel's own parser finds each request, and the bytes of its target beyond ASCII are escaped;
/// everything else stays unchanged.
/// </summary>
internal static partial class ReferenceRequestLines
{
    /// <summary>Encodes the connection as far as Kestrel would read it.</summary>
    /// <param name="input">All bytes that the client sends.</param>
    /// <param name="known">The number of bytes that are certain. The rest follows something that Kestrel refuses.</param>
    public static byte[] Encode(ReadOnlySpan<byte> input, out int known)
    {
        var output = new List<byte>();
        var start = 0;
        while (true)
        {
            while (start < input.Length && input[start] is (byte)'\r' or (byte)'\n')
            {
                output.Add(input[start++]);
            }

            var rest = input[start..];
            if (rest.IsEmpty || !char.IsAsciiLetter((char)rest[0]))
            {
                return Finish(output, input, start, out known); // TLS, or an unknown method
            }

            var lineEnd = rest.IndexOf((byte)'\n') + 1;
            if (lineEnd == 0)
            {
                AddLine(output, rest);
                known = input.Length;
                return [.. output];
            }

            if (KestrelHead.TryRead(WithoutRawTarget(rest, lineEnd)) is not { } head)
            {
                known = start;
                return [.. output];
            }

            AddLine(output, rest[..head.LineLength]);
            if (head.Length == 0)
            {
                return Finish(output, input, start + head.LineLength, out known);
            }

            output.AddRange(rest[head.LineLength..head.Length]);
            start += head.Length;
            if (head.Values("Transfer-Encoding").Length > 0 || head.Values("Upgrade").Length > 0 || HasLongLength(rest[..head.Length]))
            {
                return Finish(output, input, start, out known); // the beginning of the next request is not determined
            }

            if (BodyLength(head) is not { } bodyLength)
            {
                known = start;
                return [.. output];
            }

            var body = input.Slice(start, (int)BigInteger.Min(bodyLength, input.Length - start));
            output.AddRange(body);
            start += body.Length;
        }
    }

    private static byte[] Finish(List<byte> output, ReadOnlySpan<byte> input, int start, out int known)
    {
        output.AddRange(input[start..]);
        known = input.Length;
        return [.. output];
    }

    // The target is the text after the first space.
    private static void AddLine(List<byte> output, ReadOnlySpan<byte> line)
    {
        var target = line.IndexOf((byte)' ') + 1;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] >= 0x80 && target > 0 && i >= target)
            {
                output.AddRange(Encoding.ASCII.GetBytes($"%{line[i]:X2}"));
            }
            else
            {
                output.Add(line[i]);
            }
        }
    }

    private static byte[] WithoutRawTarget(ReadOnlySpan<byte> input, int lineEnd)
    {
        var copy = input.ToArray();
        var target = input.IndexOf((byte)' ') + 1;
        for (var i = target; target > 0 && i < lineEnd; i++)
        {
            copy[i] = copy[i] >= 0x80 ? (byte)'x' : copy[i];
        }

        return copy;
    }

    // Its line has 64 bytes or more without the line feed, which no client sends.
    private static bool HasLongLength(ReadOnlySpan<byte> head) =>
        Encoding.Latin1.GetString(head).Split('\n').Any(static line => line.Length >= 64 && line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));

    // Null if Kestrel refuses the request.
    private static BigInteger? BodyLength(KestrelHead head) => head.Values("Content-Length") switch
    {
        [] => 0,
        [var value] when Number().IsMatch(value) && BigInteger.Parse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) is var length
            && length >= 0 && length <= long.MaxValue => length,
        _ => null,
    };

    [GeneratedRegex(@"\A[+-]?[0-9]+\z")]
    private static partial Regex Number();
}
