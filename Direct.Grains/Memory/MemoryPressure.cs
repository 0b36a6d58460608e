namespace Direct.Grains.Memory;

/// <summary>How near a silo is to the end of its memory.</summary>
internal enum MemoryPressure
{
    /// <summary>There is room.</summary>
    None,

    /// <summary>The budget is used up: no topic is subscribed that is not known here already. Lanes go on, and quiet ones come back to publish.</summary>
    High,

    /// <summary>The reserve beyond the budget is used up too: no lane is activated at all. Those that are active go on.</summary>
    Critical,
}

/// <summary>Tells how near this silo is to the end of its memory. Cheap enough to be asked for each call.</summary>
internal interface IMemoryWatch
{
    MemoryPressure Pressure { get; }
}
