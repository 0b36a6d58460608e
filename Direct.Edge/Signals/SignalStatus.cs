namespace Direct.Edge.Signals;

/// <summary>Specifies whether a signal was published.</summary>
internal enum SignalStatus
{
    /// <summary>The backplane has accepted it; the receipt has the result.</summary>
    Published,

    /// <summary>Its topic had no room in time. Nothing was sent.</summary>
    NoRoom,

    /// <summary>The memory of this gateway is short. Nothing was sent.</summary>
    MemoryShort,
}
