namespace Direct.Cluster.Tests.Models;

/// <summary>Represents a process with a gateway, a silo or both.</summary>
internal sealed class ModelProcess(string name)
{
    public string Name => name;

    /// <summary>Gets or sets whether the network reaches it. A process that it no longer reaches is never reached again.</summary>
    public bool IsConnected { get; set; } = true;
}
