using System.Globalization;

namespace Direct.Client;

/// <summary>Reads the decimal 64-bit numbers of parts and rooms.</summary>
internal static class Number
{
    public static bool TryRead(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}
