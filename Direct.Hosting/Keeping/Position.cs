using System.Buffers.Text;

namespace Direct.Keeping;

/// <summary>
/// Writes and reads a <see cref="Stamp"/> as text for clients, for which it has no meaning: 11 base-62 digits of the epoch, a dot, and the offset in decimal.
/// <see cref="Stamp.None"/> is <c>0</c>.
/// </summary>
internal static class Position
{
    /// <summary>Specifies the longest position that a client may send, in visible ASCII characters.</summary>
    public const int MaxBytes = 40;

    /// <summary>Specifies the longest position that is written.</summary>
    public const int MaxWrittenBytes = EpochDigits + 1 + MaxOffsetDigits;

    private const int EpochDigits = 11; // 62^11 is more than 2^63
    private const int MaxOffsetDigits = 19;

    private static ReadOnlySpan<byte> Digits => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8;

    /// <summary>Returns whether <paramref name="text"/> can be a position: 1 to <see cref="MaxBytes"/> visible ASCII characters.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text) =>
        text.Length is >= 1 and <= MaxBytes && !text.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);

    /// <summary>Writes a position and returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxWrittenBytes"/>.</param>
    /// <param name="stamp">What it stands for.</param>
    public static int Write(Span<byte> destination, Stamp stamp)
    {
        if (stamp == Stamp.None)
        {
            destination[0] = (byte)'0';
            return 1;
        }

        var epoch = stamp.Epoch;
        for (var i = EpochDigits - 1; i >= 0; i--)
        {
            (epoch, var digit) = Math.DivRem(epoch, Digits.Length);
            destination[i] = Digits[(int)digit];
        }

        destination[EpochDigits] = (byte)'.';
        Utf8Formatter.TryFormat(stamp.Offset, destination[(EpochDigits + 1)..], out var length);
        return EpochDigits + 1 + length;
    }

    /// <summary>Reads what <see cref="Write"/> writes, and nothing else. Returns false for another text, and for that of no position.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Stamp stamp)
    {
        stamp = Stamp.None;
        if (text.Length is <= EpochDigits + 1 or > MaxWrittenBytes || text[EpochDigits] != '.' || !TryParseEpoch(text[..EpochDigits], out var epoch))
        {
            return false;
        }

        // Only the shortest form: no sign, and no zero in front.
        var digits = text[(EpochDigits + 1)..];
        if (digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || (digits[0] == '0' && digits.Length > 1)
            || !Utf8Parser.TryParse(digits, out long offset, out var read)
            || read != digits.Length)
        {
            return false;
        }

        stamp = new Stamp(epoch, offset);
        return true;
    }

    private static bool TryParseEpoch(ReadOnlySpan<byte> text, out long epoch)
    {
        epoch = 0;
        foreach (var character in text)
        {
            var digit = Digits.IndexOf(character);
            if (digit < 0 || epoch > (long.MaxValue - digit) / Digits.Length)
            {
                return false;
            }

            epoch = (epoch * Digits.Length) + digit;
        }

        return epoch > 0;
    }
}
