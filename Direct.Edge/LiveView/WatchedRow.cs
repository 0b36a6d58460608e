using Direct.Edge.Topics;

namespace Direct.Edge.LiveView;

/// <summary>One connection of a live view.</summary>
/// <param name="Gateway">The name of its gateway.</param>
/// <param name="Id">Its id there.</param>
/// <param name="Place">Its group, channel and user.</param>
/// <param name="Age">How long it has been open.</param>
/// <param name="QueuedBytes">The memory of its queue.</param>
internal sealed record WatchedRow(string Gateway, long Id, Target Place, TimeSpan Age, long QueuedBytes)
{
    /// <summary>Whether a reader would see a difference; that it is older is none.</summary>
    public bool LooksLike(WatchedRow other) => Place == other.Place && QueuedBytes == other.QueuedBytes;
}
