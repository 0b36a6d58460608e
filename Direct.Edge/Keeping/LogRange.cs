namespace Direct.Edge.Keeping;

/// <summary>Specifies the messages that a keeper asks the leader for.</summary>
/// <param name="After">The offset after which they are missing.</param>
/// <param name="Through">The offset of the last one; <see cref="ToHead"/> for all.</param>
internal readonly record struct LogRange(long After, long Through = LogRange.ToHead)
{
    /// <summary>Specifies an offset above every other.</summary>
    public const long ToHead = long.MaxValue;

    /// <summary>Gets whether these are older than those that the keeper has, so that the newest of them are needed first.</summary>
    public bool IsOlder => Through != ToHead;
}
