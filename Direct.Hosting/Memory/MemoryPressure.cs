namespace Direct.Memory;

/// <summary>How near a process is to the end of its memory.</summary>
internal enum MemoryPressure
{
    /// <summary>There is room.</summary>
    None,

    /// <summary>The budget is used up. A silo subscribes no topic that it does not know; a gateway closes slow readers.</summary>
    High,

    /// <summary>The reserve beyond the budget is used up too: a silo activates no lane at all.</summary>
    Critical,

    /// <summary>Nothing is left, whatever the budget: a gateway refuses new signals.</summary>
    Exhausted,
}

/// <summary>Tells how near this process is to the end of its memory. Cheap enough to be asked for each call.</summary>
internal interface IMemoryWatch
{
    MemoryPressure Pressure { get; }
}
