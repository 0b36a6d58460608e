namespace Direct.Compare.Scenarios;

/// <summary>Specifies how a scenario is run.</summary>
internal enum ScenarioKind
{
    /// <summary>The load tool runs once.</summary>
    Load,

    /// <summary>The load tool runs on a new server for each of two numbers of connections.</summary>
    Slope,

    /// <summary>The load tool runs, then runs again with a member in the room that reads nothing.</summary>
    StoppedReader,
}
