using System.Runtime.CompilerServices;

namespace Direct.Fuzz;

/// <summary>Checks the requirements of a target.</summary>
internal static class Check
{
    /// <param name="holds">The condition.</param>
    /// <param name="error">The error if it is false.</param>
    /// <exception cref="FuzzException">The condition is false.</exception>
    public static void That(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref ErrorText error)
    {
        if (!holds)
        {
            throw new FuzzException(error.ToString());
        }
    }

    /// <exception cref="FuzzException">They differ.</exception>
    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new FuzzException($"{what}: expected {expected}, was {actual}");
        }
    }

    /// <exception cref="FuzzException">They differ.</exception>
    public static void EqualBytes(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string what)
    {
        if (!expected.SequenceEqual(actual))
        {
            throw new FuzzException($"{what}: expected {Convert.ToHexString(expected)}, was {Convert.ToHexString(actual)}");
        }
    }

    /// <summary>Builds an interpolated string only if the check fails.</summary>
    [InterpolatedStringHandler]
    public ref struct ErrorText
    {
        private DefaultInterpolatedStringHandler _text;
        private readonly bool _isNeeded;

        public ErrorText(int literalLength, int formattedCount, bool holds, out bool isNeeded)
        {
            isNeeded = _isNeeded = !holds;
            _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

        public override string ToString() => _isNeeded ? _text.ToStringAndClear() : "";
    }
}
