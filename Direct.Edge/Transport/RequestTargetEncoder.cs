using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Direct.Edge.Transport;

/// <summary>
/// Percent-encodes the bytes beyond ASCII in the request lines of one HTTP/1 connection. Many clients send raw UTF-8 there, curl and PHP's
/// file_get_contents among them, and Kestrel answers such a request with an empty 400.
/// </summary>
/// <remarks>
/// It parses a connection only to find where the next request begins: to the end of each head, and over a body of a known length. After a chunked
/// body, an upgrade, TLS, or a length that is not a number, it passes on the rest of the connection unchanged. It changes only bytes that Kestrel
/// refuses in a request line, so it never changes a request that Kestrel accepts.
/// </remarks>
internal sealed class RequestTargetEncoder
{
    // Longer than any relevant header line, with a length of 19 digits. The rest of a longer line is ignored, whether the line arrives complete or in
    // pieces.
    private const int MaxKeptBytes = 64;

    private byte[]? _kept; // the start of a header line that has not arrived completely
    private int _keptCount;
    private State _state = State.RequestStart;
    private bool _endsAfterHead;
    private long? _bodyBytes;

    private enum State
    {
        /// <summary>Before the first byte of a request.</summary>
        RequestStart,

        /// <summary>In a request line, before its first space.</summary>
        Method,

        /// <summary>In a request line, after its first space.</summary>
        Target,

        /// <summary>In the header lines.</summary>
        Headers,

        /// <summary>In a body.</summary>
        Body,

        /// <summary>Everything is passed on unchanged.</summary>
        Ended,
    }

    /// <summary>Writes the next bytes of the connection to <paramref name="output"/>.</summary>
    public void Write(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        while (!input.IsEmpty)
        {
            var isTarget = _state is State.Target;
            var count = _state switch
            {
                State.RequestStart => BeginRequest(input[0]),
                State.Method => PassMethod(input),
                State.Target => PassLine(input),
                State.Headers => PassHeaders(input),
                State.Body => PassBody(input.Length),
                _ => input.Length,
            };
            if (isTarget)
            {
                WriteEncoded(input[..count], output);
            }
            else
            {
                output.Write(input[..count]);
            }

            input = input[count..];
        }
    }

    private static void WriteEncoded(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        while (input.IndexOfAnyInRange((byte)0x80, (byte)0xFF) is >= 0 and var index)
        {
            output.Write(input[..index]);
            var encoded = output.GetSpan(3);
            encoded[0] = (byte)'%';
            Utf8Formatter.TryFormat(input[index], encoded[1..], out _, new StandardFormat('X', 2));
            output.Advance(3);
            input = input[(index + 1)..];
        }

        output.Write(input);
    }

    // Kestrel skips empty lines between requests.
    private int BeginRequest(byte first)
    {
        if (first is (byte)'\r' or (byte)'\n')
        {
            return 1;
        }

        _state = char.IsAsciiLetter((char)first) ? State.Method : State.Ended;
        (_endsAfterHead, _bodyBytes) = (false, null);
        return 0;
    }

    private int PassMethod(ReadOnlySpan<byte> input)
    {
        var index = input.IndexOfAny((byte)' ', (byte)'\n');
        if (index < 0)
        {
            return input.Length;
        }

        _state = input[index] == (byte)' ' ? State.Target : State.Headers;
        return index + 1;
    }

    private int PassLine(ReadOnlySpan<byte> input)
    {
        var index = input.IndexOf((byte)'\n');
        if (index < 0)
        {
            return input.Length;
        }

        _state = State.Headers;
        return index + 1;
    }

    private int PassHeaders(ReadOnlySpan<byte> input)
    {
        var count = 0;
        while (_state is State.Headers && input[count..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            TakeLine(WithKept(input.Slice(count, length)));
            _keptCount = 0;
            count += length + 1;
        }

        if (_state is not State.Headers)
        {
            return count;
        }

        Keep(input[count..]);
        return input.Length;
    }

    private ReadOnlySpan<byte> WithKept(ReadOnlySpan<byte> line)
    {
        if (_keptCount == 0)
        {
            return line[..Math.Min(line.Length, MaxKeptBytes)];
        }

        Keep(line);
        return _kept.AsSpan(0, _keptCount);
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        if (part.IsEmpty)
        {
            return;
        }

        _kept ??= new byte[MaxKeptBytes];
        part = part[..Math.Min(part.Length, MaxKeptBytes - _keptCount)];
        part.CopyTo(_kept.AsSpan(_keptCount));
        _keptCount += part.Length;
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        var isWhole = line.Length < MaxKeptBytes;
        line = line.TrimEnd((byte)'\r');
        if (line.IsEmpty)
        {
            _state = _endsAfterHead ? State.Ended : _bodyBytes > 0 ? State.Body : State.RequestStart;
            return;
        }

        var colon = line.IndexOf((byte)':');
        var name = line[..Math.Max(colon, 0)];
        if (Is(name, "Content-Length"u8))
        {
            _endsAfterHead |= !isWhole || _bodyBytes is not null || !TryReadLength(line[(colon + 1)..].Trim(" \t"u8));
        }
        else
        {
            var isHeader = (!name.IsEmpty || !isWhole) && line[0] is not ((byte)' ' or (byte)'\t');
            _endsAfterHead |= !isHeader || Is(name, "Transfer-Encoding"u8) || Is(name, "Upgrade"u8);
        }
    }

    private bool TryReadLength(ReadOnlySpan<byte> value)
    {
        var isNumber = Utf8Parser.TryParse(value, out long length, out var count) && count == value.Length && length >= 0;
        _bodyBytes = length;
        return isNumber;
    }

    private int PassBody(int available)
    {
        var count = (int)Math.Min(available, _bodyBytes!.Value);
        _bodyBytes -= count;
        if (_bodyBytes == 0)
        {
            _state = State.RequestStart;
        }

        return count;
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected) => Ascii.EqualsIgnoreCase(name, expected);
}
