namespace Direct.Memory;

/// <summary>Specifies how close a process is to running out of memory.</summary>
internal enum MemoryPressure
{
    /// <summary>Memory is available.</summary>
    None,

    /// <summary>The budget is used up. A silo accepts no new topic; a gateway closes slow readers.</summary>
    High,

    /// <summary>The reserve beyond the budget is used up too: a silo activates no lane at all.</summary>
    Critical,

    /// <summary>The process or its container is almost out of memory, regardless of the budget: a gateway refuses new signals.</summary>
    Exhausted,
}

/// <summary>Measures how close this process is to running out of memory. It is cheap enough to be called for each request.</summary>
internal interface IMemoryWatch
{
    MemoryPressure Pressure { get; }
}
