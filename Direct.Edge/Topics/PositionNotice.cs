using Direct.Keeping;

namespace Direct.Edge.Topics;

/// <summary>Writes the texts that tell members of <c>direct.2</c> where a topic stands, and that earlier messages may be missing.</summary>
internal static class PositionNotice
{
    /// <summary>Specifies the longest text.</summary>
    public const int MaxBytes = 4 + TopicPart.MaxBytes + 1 + Position.MaxWrittenBytes;

    /// <summary>Writes a text and returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    /// <param name="isGap">Whether earlier messages may be missing.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="stamp">Where it stands.</param>
    public static int Write(Span<byte> destination, bool isGap, Topic topic, Stamp stamp)
    {
        var word = isGap ? "gap "u8 : "at "u8;
        word.CopyTo(destination);
        var length = word.Length + TopicPart.Write(destination[word.Length..], topic);
        destination[length++] = (byte)' ';
        return length + Position.Write(destination[length..], stamp);
    }
}
