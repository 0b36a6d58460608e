using System.Text;
using Direct.Edge.Protocol;

namespace Direct.Edge.Topics;

/// <summary>Represents the address of a signal. A field of 0 means "any"; every other field must equal the connection's own.</summary>
/// <param name="Group">Group id, or 0 for any.</param>
/// <param name="Channel">Channel id, or 0 for any.</param>
/// <param name="User">User id, or 0 for any.</param>
public readonly record struct Target(long Group, long Channel, long User)
{
    /// <summary>Returns whether the target includes a connection with these ids.</summary>
    public bool Matches(long group, long channel, long user) =>
        (Group == 0 || Group == group) && (Channel == 0 || Channel == channel) && (User == 0 || User == user);

    /// <summary>Parses <c>group,channel,user</c>: exactly three 64-bit decimal numbers, each with an optional sign.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Target target)
    {
        target = default;
        Span<Range> fields = stackalloc Range[4];
        if (text.Split(fields, ',') != 3
            || !TryParseField(text[fields[0]], out var group)
            || !TryParseField(text[fields[1]], out var channel)
            || !TryParseField(text[fields[2]], out var user))
        {
            return false;
        }

        target = new Target(group, channel, user);
        return true;
    }

    /// <summary>Returns the text that <see cref="TryParse"/> parses.</summary>
    public override string ToString() => $"{Group},{Channel},{User}";

    private static bool TryParseField(ReadOnlySpan<char> field, out long id)
    {
        // Room for a sign and 19 digits, with some leading zeros.
        Span<byte> ascii = stackalloc byte[64];
        id = 0;
        return field.Length <= ascii.Length
            && Encoding.ASCII.TryGetBytes(field, ascii, out var written)
            && Command.TryParseId(ascii[..written], out id);
    }
}
