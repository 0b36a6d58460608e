namespace Direct.Stress.Options;

/// <summary>Specifies what the connections do.</summary>
internal enum ScenarioName
{
    /// <summary>The steps and the report of the original's tool.</summary>
    Chat,

    /// <summary>Rooms in which some of the members send.</summary>
    Room,

    /// <summary>Connections that do nothing.</summary>
    Idle,

    /// <summary>Connections that are opened, join, and are closed, over and over.</summary>
    Connect,

    /// <summary>Signals over HTTP.</summary>
    Signal,
}
