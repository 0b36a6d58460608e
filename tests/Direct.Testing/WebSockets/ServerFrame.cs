using System.Buffers.Binary;
using System.Text;

namespace Direct.Testing.WebSockets;

/// <summary>Specifies how the byte stream of a connection ended.</summary>
public enum StreamEnd
{
    /// <summary>The stream has not ended.</summary>
    None,

    /// <summary>The peer closed its sending side.</summary>
    EndOfFile,

    /// <summary>The peer reset the connection.</summary>
    Reset,
}

/// <summary>Represents one received item: a frame, or the end of the stream.</summary>
public sealed record ServerFrame(byte Opcode, bool Fin, byte[] Payload)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public StreamEnd End { get; init; }

    public bool IsEnd => End != StreamEnd.None;

    public bool IsText => !IsEnd && Opcode == WebSockets.Opcode.Text;

    public bool IsClose => !IsEnd && Opcode == WebSockets.Opcode.Close;

    public bool IsPing => !IsEnd && Opcode == WebSockets.Opcode.Ping;

    public bool IsPong => !IsEnd && Opcode == WebSockets.Opcode.Pong;

    public string Text => StrictUtf8.GetString(Payload);

    public CloseStatus Status => !IsClose
        ? throw new InvalidOperationException($"{this} is no close frame")
        : Payload.Length < 2
            ? new CloseStatus(CloseStatus.None, "")
            : new CloseStatus(BinaryPrimitives.ReadUInt16BigEndian(Payload), StrictUtf8.GetString(Payload.AsSpan(2)));

    public static ServerFrame EndOf(StreamEnd end) => new(0xFF, true, []) { End = end };

    public override string ToString() => End switch
    {
        StreamEnd.EndOfFile => "end of file",
        StreamEnd.Reset => "reset",
        _ => Opcode switch
        {
            WebSockets.Opcode.Text => $"text \"{Short(Encoding.UTF8.GetString(Payload))}\"",
            WebSockets.Opcode.Close => $"close {Status}",
            WebSockets.Opcode.Ping => $"ping ({Payload.Length} bytes)",
            WebSockets.Opcode.Pong => $"pong ({Payload.Length} bytes)",
            _ => $"opcode {Opcode} ({Payload.Length} bytes)",
        },
    };

    private static string Short(string text) => text.Length <= 60 ? text : $"{text[..60]}… ({text.Length} characters)";
}
