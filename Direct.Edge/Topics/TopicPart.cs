using System.Globalization;
using System.Text.Unicode;
using Direct.Edge.Protocol;

namespace Direct.Edge.Topics;

/// <summary>Writes and reads the names of topics in <c>direct.2</c>: the <c>group,channel,user</c> that backends use.</summary>
internal static class TopicPart
{
    /// <summary>Specifies the longest part: three numbers with signs, and two commas.</summary>
    public const int MaxBytes = (3 * 20) + 2;

    /// <summary>Writes the part of <paramref name="topic"/> and returns its length.</summary>
    public static int Write(Span<byte> destination, Topic topic) => topic.Kind switch
    {
        TopicKind.User => Write(destination, 0, 0, topic.Id),
        TopicKind.Channel => Write(destination, 0, topic.Id, 0),
        _ => Write(destination, topic.Id, topic.ChannelId, 0),
    };

    /// <summary>Parses a part. Returns false if it names no topic: a user is not combined with a group or a channel.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Topic topic)
    {
        topic = default;
        var first = text.IndexOf((byte)',');
        var last = text.LastIndexOf((byte)',');
        if (first == last
            || !StrictId.TryParse(text[..first], out var group)
            || !StrictId.TryParse(text[(first + 1)..last], out var channel)
            || !StrictId.TryParse(text[(last + 1)..], out var user)
            || (user != 0 && (group != 0 || channel != 0)))
        {
            return false;
        }

        topic = Topic.For(new Target(group, channel, user));
        return true;
    }

    private static int Write(Span<byte> destination, long group, long channel, long user)
    {
        Utf8.TryWrite(destination, CultureInfo.InvariantCulture, $"{group},{channel},{user}", out var length);
        return length;
    }
}
