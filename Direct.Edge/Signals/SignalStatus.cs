namespace Direct.Edge.Signals;

/// <summary>Whether a signal was published.</summary>
internal enum SignalStatus
{
    /// <summary>The backplane has taken it; its receipt says how it fared.</summary>
    Published,

    /// <summary>Its topic had no room in time. Nothing was sent.</summary>
    NoRoom,

    /// <summary>The memory of this gateway is short. Nothing was sent.</summary>
    MemoryShort,
}
