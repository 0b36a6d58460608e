namespace Direct.Edge.Topics;

/// <summary>Represents where a topic stands, for clients: text without a meaning for them.</summary>
internal static class Position
{
    /// <summary>Specifies the longest position, in visible ASCII characters.</summary>
    public const int MaxBytes = 40;

    /// <summary>Gets the position of every message, because messages are not kept. No return to it is complete.</summary>
    public static ReadOnlySpan<byte> Unknown => "0"u8;

    /// <summary>Returns whether <paramref name="text"/> can be a position: 1 to <see cref="MaxBytes"/> visible ASCII characters.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text) =>
        text.Length is >= 1 and <= MaxBytes && !text.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);
}
