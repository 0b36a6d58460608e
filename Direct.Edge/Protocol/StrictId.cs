using System.Buffers.Text;

namespace Direct.Edge.Protocol;

/// <summary>Parses ids as <c>direct.2</c> writes them: 64-bit decimal numbers in their shortest form.</summary>
internal static class StrictId
{
    /// <summary>Parses a number without a plus, a leading zero or anything around it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long id)
    {
        var digits = text is [(byte)'-', ..] ? text[1..] : text;
        var isShortest = digits is [>= (byte)'1' and <= (byte)'9', ..] || text is [(byte)'0'];
        return Utf8Parser.TryParse(text, out id, out var consumed) & isShortest && consumed == text.Length;
    }
}
