using System.Buffers;
using System.Text;

namespace Direct.Edge.BackendApi;

/// <summary>Decodes percent-encoded text strictly. The framework leaves an invalid escape in the text.</summary>
internal static class PercentText
{
    private static readonly SearchValues<char> NotPlain = SearchValues.Create("%+");

    /// <summary>Decodes a value of a query string, in which <c>+</c> is a space. The result is not necessarily UTF-8.</summary>
    /// <returns>False if a <c>%</c> is not followed by two hexadecimal digits.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] decoded)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = 0;
        var isWellFormed = true;
        while (!text.IsEmpty && isWellFormed)
        {
            var plain = text.IndexOfAny(NotPlain);
            plain = plain < 0 ? text.Length : plain;
            length += Encoding.UTF8.GetBytes(text[..plain], buffer.AsSpan(length));
            text = text[plain..];
            if (text is ['+', ..])
            {
                buffer[length++] = (byte)' ';
                text = text[1..];
            }
            else if (!text.IsEmpty)
            {
                // byte.TryParse would accept a digit and a NUL as a number.
                isWellFormed = text.Length >= 3 && Convert.FromHexString(text.Slice(1, 2), buffer.AsSpan(length++), out _, out _) is OperationStatus.Done;
                text = isWellFormed ? text[3..] : text;
            }
        }

        decoded = isWellFormed ? buffer.AsSpan(0, length).ToArray() : [];
        ArrayPool<byte>.Shared.Return(buffer);
        return isWellFormed;
    }
}
