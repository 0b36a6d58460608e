using Direct.Keeping;

namespace Direct.Edge.Topics;

/// <summary>
/// Writes the first line of a message of <c>direct.2</c>: the part that names the topic, and the position of the message in it. It is the same for
/// every member, so one encoded buffer serves all of them.
/// </summary>
internal static class MessageHeader
{
    /// <summary>Specifies the longest header: a part, a space, a position and a line feed.</summary>
    public const int MaxBytes = TopicPart.MaxBytes + 1 + Position.MaxWrittenBytes + 1;

    /// <summary>Writes the header of a message in <paramref name="topic"/> and returns its length.</summary>
    public static int Write(Span<byte> destination, Topic topic, Stamp stamp)
    {
        var length = TopicPart.Write(destination, topic);
        destination[length++] = (byte)' ';
        length += Position.Write(destination[length..], stamp);
        destination[length++] = (byte)'\n';
        return length;
    }
}
