using Direct.Collections;

namespace Direct.Keeping;

/// <summary>
/// Holds the epochs of a log in their order, each with its last offset; the last one is open. It says which positions are part of the log, and where two logs
/// divide, as the leader epochs of Kafka do (KIP-101, KIP-279). It does not change: each method returns another table.
/// </summary>
internal sealed class EpochTable
{
    /// <summary>Specifies the end of an epoch that has not ended.</summary>
    public const long NoEnd = long.MaxValue;

    private readonly Epoch[] _epochs;

    private EpochTable(Epoch[] epochs) => _epochs = epochs;

    /// <summary>Gets a table without epochs, which has no position.</summary>
    public static EpochTable Empty { get; } = new([]);

    /// <summary>Gets the epochs in their order.</summary>
    public ReadOnlySpan<Epoch> Epochs => _epochs;

    /// <summary>Gets the id of the last epoch; 0 if there is none.</summary>
    public long Current => _epochs.Length == 0 ? 0 : _epochs[^1].Id;

    /// <summary>Returns the table with these epochs.</summary>
    public static EpochTable Of(IEnumerable<Epoch> epochs) => new([.. epochs]);

    /// <summary>Returns a random id for an epoch.</summary>
    public static long NewId() => RandomIds.NewLong();

    /// <summary>Returns whether the table has this epoch.</summary>
    public bool Has(long epoch) => EndOf(epoch) is not null;

    /// <summary>Returns whether a position is part of the log. One of the open epoch may be above the head of a ring that lags behind.</summary>
    public bool Covers(Stamp position) => EndOf(position.Epoch) is { } end && position.Offset <= end;

    /// <summary>Returns the last offset up to which two logs are the same: the smaller end of the last epoch that is in both; 0 if there is none.</summary>
    public long CommonWith(EpochTable other)
    {
        for (var i = _epochs.Length - 1; i >= 0; i--)
        {
            if (other.EndOf(_epochs[i].Id) is { } end)
            {
                return Math.Min(end, _epochs[i].End);
            }
        }

        return 0;
    }

    /// <summary>Ends every epoch at this offset, unless it ended before.</summary>
    /// <param name="end">The last offset of the log.</param>
    /// <param name="now">The time, as a timestamp of the owner's clock.</param>
    public EpochTable CloseAt(long end, long now) => new(Array.ConvertAll(_epochs, epoch =>
        epoch.End <= end ? epoch : new Epoch(epoch.Id, end, epoch.End == NoEnd ? now : epoch.ClosedAt)));

    /// <summary>Adds an epoch, which is open. All others must have ended.</summary>
    public EpochTable Open(long id)
    {
        if (_epochs is [.., { End: NoEnd }])
        {
            throw new InvalidOperationException("The last epoch has not ended.");
        }

        return new EpochTable([.. _epochs, new Epoch(id, NoEnd, 0)]);
    }

    /// <summary>Removes the epochs that ended before a time. Returns the same table if there are none.</summary>
    public EpochTable Without(long closedBefore)
    {
        var kept = Array.FindAll(_epochs, epoch => epoch.End == NoEnd || epoch.ClosedAt >= closedBefore);
        return kept.Length == _epochs.Length ? this : new EpochTable(kept);
    }

    private long? EndOf(long id)
    {
        foreach (ref readonly var epoch in Epochs)
        {
            if (epoch.Id == id)
            {
                return epoch.End;
            }
        }

        return null;
    }

    /// <summary>Represents an epoch of a log.</summary>
    /// <param name="Id">Its random id, above 0.</param>
    /// <param name="End">The offset of its last message; <see cref="NoEnd"/> if it is open.</param>
    /// <param name="ClosedAt">When it ended, as a timestamp of the owner's clock; has no meaning if it is open.</param>
    internal readonly record struct Epoch(long Id, long End, long ClosedAt);
}
