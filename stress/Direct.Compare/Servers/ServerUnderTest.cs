using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>Represents a server of the comparison. It starts a new process for each measurement.</summary>
internal abstract class ServerUnderTest(string name)
{
    public string Name => name;

    /// <summary>Gets how it is started, for the report.</summary>
    public abstract string Command { get; }

    public abstract Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken);
}
