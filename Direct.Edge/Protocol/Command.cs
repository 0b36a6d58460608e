namespace Direct.Edge.Protocol;

internal enum CommandKind
{
    /// <summary>Neither a join nor a broadcast. A client must not send it.</summary>
    Invalid,

    /// <summary>A join: <c>group,channel</c>.</summary>
    Join,

    /// <summary>A broadcast: <c>:text</c>.</summary>
    Broadcast,
}

/// <summary>Represents a command that a client sends after its token.</summary>
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

    /// <summary>Parses a complete message. Fields after the second are ignored, as in the original.</summary>
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
    /// Parses a 64-bit number as Go's <c>strconv.Atoi</c> does: an optional sign and ASCII digits. Otherwise, and on overflow, <paramref name="id"/>
    /// is 0.
    /// </summary>
    /// <returns>Whether it is a number.</returns>
    public static bool TryParseId(ReadOnlySpan<byte> field, out long id)
    {
        id = 0;
        var isNegative = field is [(byte)'-', ..];
        var digits = isNegative || field is [(byte)'+', ..] ? field[1..] : field;
        if (digits.IsEmpty)
        {
            return false;
        }

        // Counts downwards, because the lowest number has no positive counterpart.
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
