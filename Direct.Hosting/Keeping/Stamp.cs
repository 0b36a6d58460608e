namespace Direct.Keeping;

/// <summary>Represents the place of a message in the log of its topic.</summary>
/// <param name="Epoch">The random id of a part of the log, above 0; 0 if the message has no place in a log.</param>
/// <param name="Offset">The number of the message in its log, without holes; 0 is the place before the first message.</param>
internal readonly record struct Stamp(long Epoch, long Offset)
{
    /// <summary>Gets the stamp of a message that is not kept.</summary>
    public static Stamp None => default;
}
