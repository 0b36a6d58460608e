using System.Buffers.Text;

namespace Direct.Stress.Protocol;

/// <summary>Represents a topic or a target: a group, a channel and a user, of which 0 means any.</summary>
internal readonly record struct Topic(long Group, long Channel, long User)
{
    public static bool TryParse(ReadOnlySpan<byte> text, out Topic topic)
    {
        topic = default;
        if (!TryReadNumber(ref text, out var group)
            || !TryReadNumber(ref text, out var channel)
            || !TryReadNumber(ref text, out var user)
            || text.Length > 0)
        {
            return false;
        }

        topic = new Topic(group, channel, user);
        return true;
    }

    public override string ToString() => FormattableString.Invariant($"{Group},{Channel},{User}");

    // Reads a number and the comma after it.
    private static bool TryReadNumber(ref ReadOnlySpan<byte> text, out long number)
    {
        if (!Utf8Parser.TryParse(text, out number, out var digits))
        {
            return false;
        }

        var hasComma = digits < text.Length && text[digits] == ',';
        text = text[(hasComma ? digits + 1 : digits)..];
        return hasComma || text.Length == 0;
    }
}
