using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Direct.Fuzz.References;

/// <summary>
/// Implements docs/protocol.md for one connection, from the bytes of the client to the results: pongs, broadcasts, the close frame. It has all of the
/// input at once, and no rate limits.
/// </summary>
internal class ReferenceConnection(int maxMessageBytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<byte> _fragments = [];
    private int _messageOpcode; // 0: no message has begun
    private bool _hasToken;
    private long _group;
    private long _channel;

    public List<string> Events { get; } = [];

    /// <summary>Gets whether the client's close frame has arrived.</summary>
    public bool IsFinished { get; private set; }

    protected bool IsClosing { get; private set; }

    /// <summary>Gets the length of the longest message that may come now.</summary>
    protected virtual int MaxMessageBytes => maxMessageBytes;

    public void Receive(ReadOnlySpan<byte> input)
    {
        while (!IsFinished)
        {
            var frame = ReferenceFrame.Read(input, MaxMessageBytes - _fragments.Count);
            switch (frame.Verdict)
            {
                case FrameVerdict.NotWhole:
                    return;
                case FrameVerdict.Whole:
                    input = input[frame.Length..];
                    Take(frame);
                    break;
                default:
                    Close(frame.Verdict is FrameVerdict.TooLong ? 1009 : 1002);
                    IsFinished = ReferenceFrame.Skipped(input).HasSeenClose;
                    return;
            }
        }
    }

    private void Take(ReferenceFrame frame)
    {
        if (frame.Opcode == 8)
        {
            IsFinished = true;
            TakeClose(frame.Payload);
        }
        else if (IsClosing || frame.Opcode == 10)
        {
            return;
        }
        else if (frame.Opcode == 9)
        {
            Events.Add($"pong {Convert.ToHexString(frame.Payload)}");
        }
        else if (frame.Opcode == 0 == (_messageOpcode == 0))
        {
            Close(1002); // a continuation without a message, or a message within another
        }
        else
        {
            TakeFragment(frame);
        }
    }

    private void TakeClose(byte[] payload)
    {
        if (payload.Length == 0)
        {
            Close(null);
        }
        else if (payload.Length == 1 || BinaryPrimitives.ReadUInt16BigEndian(payload) is < 1000 or (>= 1004 and <= 1006) or (>= 1015 and < 3000) or >= 5000)
        {
            Close(1002);
        }
        else
        {
            Close(IsUtf8(payload[2..]) ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 1007);
        }
    }

    private void TakeFragment(ReferenceFrame frame)
    {
        _messageOpcode = frame.Opcode == 0 ? _messageOpcode : frame.Opcode;
        _fragments.AddRange(frame.Payload);
        if (!frame.IsFinal)
        {
            return;
        }

        byte[] message = [.. _fragments];
        var isText = _messageOpcode == 1;
        _fragments.Clear();
        _messageOpcode = 0;
        if (isText && !IsUtf8(message))
        {
            Close(1007);
        }
        else
        {
            TakeMessage(message, isText);
        }
    }

    protected virtual void TakeMessage(byte[] message, bool isText)
    {
        if (_hasToken)
        {
            TakeCommand(message);
        }

        _hasToken = true;
    }

    private void TakeCommand(byte[] message)
    {
        var text = Encoding.Latin1.GetString(message); // a character is a byte
        if (text.StartsWith(':'))
        {
            Broadcast(message[1..]);
        }
        else if (text.Split(',') is [var group, var channel, ..])
        {
            (_group, _channel) = (Number(group), Number(channel));
        }
        else
        {
            Close(1008);
        }
    }

    private void Broadcast(byte[] text)
    {
        if (!IsUtf8(text))
        {
            Close(1007);
            return;
        }

        Publish(_group, _channel, text);
    }

    protected void Publish(long group, long channel, byte[] text)
    {
        var topic = (group, channel) switch
        {
            (0, 0) => "lobby",
            (_, 0) => $"group/{group}",
            (0, _) => $"channel/{channel}",
            _ => $"room/{group}/{channel}",
        };
        Events.Add($"publish {topic} to {group},{channel},0: {Convert.ToHexString(text)}");
    }

    protected void Close(int? code)
    {
        if (!IsClosing)
        {
            Events.Add(code is null ? "close" : $"close {code}");
        }

        IsClosing = true;
    }

    // As strconv.Atoi of Go reads it; 0 for any other text.
    private static long Number(string text)
    {
        var digits = text is ['+' or '-', ..] ? text[1..] : text;
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
        {
            return 0;
        }

        var number = BigInteger.Parse(digits, CultureInfo.InvariantCulture) * (text[0] == '-' ? -1 : 1);
        return number >= long.MinValue && number <= long.MaxValue ? (long)number : 0;
    }

    private static bool IsUtf8(byte[] text)
    {
        try
        {
            StrictUtf8.GetCharCount(text);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
