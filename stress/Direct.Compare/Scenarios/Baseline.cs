namespace Direct.Compare.Scenarios;

/// <summary>Beside what a scenario is measured.</summary>
internal enum Baseline
{
    None,

    /// <summary>The floor that sends every delivery by itself.</summary>
    PlainFloor,

    /// <summary>The floor that sends what waits for a connection in one piece.</summary>
    CoalescingFloor,

    /// <summary>One node of Direct, for what a silo or a cluster adds.</summary>
    OneNode,

    /// <summary>What somebody would build instead, where it takes part: other nodes with something else between them.</summary>
    Peer,
}
