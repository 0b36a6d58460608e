namespace Direct.Stress.Protocol;

/// <summary>
/// Represents the start of every measured message: its sender, its number, and the time at which it was sent. It consists of characters that need
/// no escaping, neither in JSON nor in a URL, six bits in each:
/// <code>
/// ~ rrrr ssss nnnnnn tttttttt      run, sender, sequence, time
/// </code>
/// </summary>
/// <param name="Run">24 bits that identify the run, so that messages of another run in the same room are not counted.</param>
/// <param name="Sender">The number of the connection or caller that sent it, below 2^24.</param>
/// <param name="Sequence">1, 2, 3 … for each sender.</param>
/// <param name="Ticks"><see cref="System.Diagnostics.Stopwatch"/> ticks since the run began, 48 bits. That clock is one for all processes
/// of a machine.</param>
internal readonly record struct MessageStamp(uint Run, int Sender, uint Sequence, long Ticks)
{
    public const int Bytes = 23;
    public const int MaxSenders = 1 << 24;

    private const byte Mark = (byte)'~';
    private const byte X = 0x80; // not a digit

    /// <summary>
    /// Gets the digit of each ASCII character. It is part of the program's image, because a table that is created at run time would have to be looked
    /// up every time.
    /// </summary>
    private static ReadOnlySpan<byte> Values =>
    [
        X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
        X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
        X, X, X, X, X, X, X, X, X, X, X, X, X, 62, X, X,
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, X, X, X,
        X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
        15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, 63,
        X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
        41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
    ];

    private static ReadOnlySpan<byte> Digits => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8;

    public void Write(Span<byte> destination)
    {
        destination[0] = Mark;
        WriteNumber(destination.Slice(1, 4), Run);
        WriteNumber(destination.Slice(5, 4), Sender);
        WriteNumber(destination.Slice(9, 6), Sequence);
        WriteNumber(destination.Slice(15, 8), Ticks);
    }

    public static bool TryRead(ReadOnlySpan<byte> text, out MessageStamp stamp)
    {
        if (text.Length < Bytes || text[0] != Mark)
        {
            stamp = default;
            return false;
        }

        byte seen = 0;
        stamp = new MessageStamp(
            (uint)ReadNumber(text.Slice(1, 4), ref seen),
            (int)ReadNumber(text.Slice(5, 4), ref seen),
            (uint)ReadNumber(text.Slice(9, 6), ref seen),
            ReadNumber(text.Slice(15, 8), ref seen));
        return (seen & X) == 0;
    }

    private static void WriteNumber(Span<byte> destination, long value)
    {
        for (var i = destination.Length - 1; i >= 0; i--)
        {
            destination[i] = Digits[(int)(value & 63)];
            value >>= 6;
        }
    }

    private static long ReadNumber(ReadOnlySpan<byte> text, ref byte seen)
    {
        var values = Values;
        long number = 0;
        foreach (var character in text)
        {
            var value = values[character & 127];
            seen |= (byte)(value | (character & X));
            number = (number << 6) | value;
        }

        return number;
    }
}
