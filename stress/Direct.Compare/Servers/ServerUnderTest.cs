using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>One who takes part: starts a fresh server each time it is its turn.</summary>
internal abstract class ServerUnderTest(string name)
{
    public string Name => name;

    /// <summary>Gets how it is started, for the report.</summary>
    public abstract string Command { get; }

    public abstract Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken);
}
