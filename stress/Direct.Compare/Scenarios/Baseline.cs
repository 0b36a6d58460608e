namespace Direct.Compare.Scenarios;

/// <summary>Specifies what a scenario is compared with.</summary>
internal enum Baseline
{
    None,

    /// <summary>The floor server that sends every delivery with its own call.</summary>
    PlainFloor,

    /// <summary>The floor server that sends everything that waits for a connection with one call.</summary>
    CoalescingFloor,

    /// <summary>One node of Direct, to show what a silo or a cluster adds.</summary>
    OneNode,

    /// <summary>The same load with connections of the original dialect.</summary>
    OriginalDialect,

    /// <summary>The usual alternative, if it is measured: other nodes with another system between them.</summary>
    Peer,
}
