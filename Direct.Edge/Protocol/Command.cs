namespace Direct.Edge.Protocol;

internal enum CommandKind
{
    /// <summary>Neither form: what a client must not send.</summary>
    Invalid,

    /// <summary><c>group,channel</c>.</summary>
    Join,

    /// <summary><c>:text</c>.</summary>
    Broadcast,
}

/// <summary>A command that a client sends after its token.</summary>
internal readonly ref struct Command
{
    private Command(ReadOnlySpan<byte> group, ReadOnlySpan<byte> channel)
    {
        Kind = CommandKind.Join;
        IsMalformed = !TryParseId(group, out var groupId) | !TryParseId(channel, out var channelId);
        (Group, Channel) = (groupId, channelId);
    }

    private Command(ReadOnlySpan<byte> text)
    {
        Kind = CommandKind.Broadcast;
        Text = text;
    }

    public CommandKind Kind { get; }

    public long Group { get; }

    public long Channel { get; }

    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Gets whether a field of a join is not a number and counts as 0, as in the original.</summary>
    public bool IsMalformed { get; }

    /// <summary>Parses a whole message. Fields after the second are ignored, as the original did.</summary>
    public static Command Parse(ReadOnlySpan<byte> message)
    {
        if (message is [(byte)':', ..])
        {
            return new Command(message[1..]);
        }

        var comma = message.IndexOf((byte)',');
        if (comma < 0)
        {
            return default;
        }

        var second = message[(comma + 1)..];
        var end = second.IndexOf((byte)',');
        return new Command(message[..comma], end < 0 ? second : second[..end]);
    }

    /// <summary>
    /// Returns a 64-bit number as Go's <c>strconv.Atoi</c> takes it: an optional sign and ASCII digits, nothing else.
    /// <paramref name="id"/> is 0 for anything else, overflow included.
    /// </summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParseId(ReadOnlySpan<byte> field, out long id)
    {
        id = 0;
        var isNegative = field is [(byte)'-', ..];
        var digits = isNegative || field is [(byte)'+', ..] ? field[1..] : field;
        if (digits.IsEmpty)
        {
            return false;
        }

        // Counted downwards, because the lowest number has no positive twin.
        long value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9' || value < (long.MinValue + (digit - '0')) / 10)
            {
                return false;
            }

            value = (value * 10) - (digit - '0');
        }

        if (!isNegative && value == long.MinValue)
        {
            return false;
        }

        id = isNegative ? value : -value;
        return true;
    }
}
