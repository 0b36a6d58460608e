namespace Direct.Stress.Protocol;

/// <summary>Represents a text frame of a gateway in direct.2: a message, or a verb and its words.</summary>
/// <param name="verb">The first word; empty for a message.</param>
/// <param name="words">What follows the verb; of a message its topic and position.</param>
/// <param name="payload">The text of a message.</param>
internal readonly ref struct Direct2Frame(ReadOnlySpan<byte> verb, ReadOnlySpan<byte> words, ReadOnlySpan<byte> payload)
{
    public ReadOnlySpan<byte> Verb { get; } = verb;

    public ReadOnlySpan<byte> Words { get; } = words;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    public bool IsMessage => Verb.IsEmpty;

    public static Direct2Frame Read(ReadOnlySpan<byte> text)
    {
        if (text.Length > 0 && text[0] is (byte)'-' or (>= (byte)'0' and <= (byte)'9'))
        {
            var line = text.IndexOf((byte)'\n');
            return line < 0 ? new("-"u8, text, default) : new(default, text[..line], text[(line + 1)..]);
        }

        var word = text.IndexOf((byte)' ');
        return word < 0 ? new(text, default, default) : new(text[..word], text[(word + 1)..], default);
    }

    /// <summary>Splits the words at the first space.</summary>
    public void Split(out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> rest)
    {
        var space = Words.IndexOf((byte)' ');
        first = space < 0 ? Words : Words[..space];
        rest = space < 0 ? default : Words[(space + 1)..];
    }
}
