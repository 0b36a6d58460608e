namespace Direct.Compare.Scenarios;

/// <summary>How a scenario is run.</summary>
internal enum ScenarioKind
{
    /// <summary>The load tool runs once.</summary>
    Load,

    /// <summary>The load tool runs on a fresh server for each of two numbers of connections.</summary>
    Slope,

    /// <summary>The load tool runs, then once more with a member in the room that reads nothing.</summary>
    StoppedReader,
}
