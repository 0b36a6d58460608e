namespace Direct.Edge.Protocol;

/// <summary>Specifies the frame types of <see href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, 5.2</see>.</summary>
internal enum Opcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}
