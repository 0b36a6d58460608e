using System.Buffers.Text;
using System.Text;

namespace Direct.Stress.Protocol;

/// <summary>Reads the status and the length of answers of a keep-alive HTTP/1.1 connection.</summary>
internal static class HttpAnswer
{
    /// <summary>
    /// Returns the length of the complete answer at the beginning of the input; 0 while it is not complete, and -1 if it is not an answer.
    /// </summary>
    public static int Read(ReadOnlySpan<byte> input, out int status)
    {
        status = 0;
        var end = input.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return 0;
        }

        var head = input[..(end + 2)];
        if (!head.StartsWith("HTTP/1."u8)
            || head.Length < 12
            || !Utf8Parser.TryParse(head.Slice(9, 3), out status, out var digits)
            || digits != 3)
        {
            return -1;
        }

        var bodyAt = end + 4;
        if (Header(head, "transfer-encoding"u8).IndexOf("chunked"u8) >= 0)
        {
            return ChunkedEnd(input, bodyAt);
        }

        var lengthText = Header(head, "content-length"u8);
        if (!Utf8Parser.TryParse(lengthText, out int length, out _) || length < 0)
        {
            length = 0;
        }

        return input.Length >= bodyAt + length ? bodyAt + length : 0;
    }

    private static int ChunkedEnd(ReadOnlySpan<byte> input, int at)
    {
        while (true)
        {
            var line = input[at..].IndexOf("\r\n"u8);
            if (line < 0)
            {
                return 0;
            }

            if (!Utf8Parser.TryParse(input.Slice(at, line), out int length, out _, 'x') || length < 0)
            {
                return -1;
            }

            at += line + 2 + length + 2; // an empty last chunk without trailers ends with the same empty line
            if (at > input.Length)
            {
                return 0;
            }

            if (length == 0)
            {
                return at;
            }
        }
    }

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        while (true)
        {
            var line = head.IndexOf("\r\n"u8);
            if (line < 0)
            {
                return default;
            }

            var text = head[..line];
            if (text.Length > name.Length && text[name.Length] == ':' && Ascii.EqualsIgnoreCase(text[..name.Length], name))
            {
                return text[(name.Length + 1)..].Trim((byte)' ');
            }

            head = head[(line + 2)..];
        }
    }
}
