using Direct.Edge.Topics;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents a connection that is a member of one topic, from one moment to another.</summary>
internal sealed class ModelConnection(string name, ModelGateway gateway, Topic topic, long joinedAt)
{
    public ModelGateway Gateway => gateway;

    public long JoinedAt => joinedAt;

    public long LeftAt { get; set; } = long.MaxValue;

    public List<ModelSignal> Received { get; } = [];

    /// <summary>Returns whether a signal to this topic is for the connection.</summary>
    public bool IsIn(Topic other) => other == topic || other == Topic.All;

    public override string ToString() => $"{name} in {topic}";
}
