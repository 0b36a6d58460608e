namespace Direct.Grains.Gateways;

/// <summary>Whether a gateway serves.</summary>
public enum GatewayCondition : byte
{
    /// <summary>It admits connections and lacks nothing.</summary>
    Serving = 0,

    /// <summary>It admits connections and lacks something.</summary>
    Degraded = 1,

    /// <summary>It has been told to stop.</summary>
    Draining = 2,

    /// <summary>It admits nobody, or no silo reaches it.</summary>
    Unresponsive = 3,
}

/// <summary>How a gateway is, for operators. Its connections are those of the reply.</summary>
/// <param name="Version">The version of its program.</param>
/// <param name="Condition">Whether it serves.</param>
/// <param name="LeaseLeft">How long its lease lasts unless it is renewed.</param>
/// <param name="Deliveries">Messages taken for connections since its start.</param>
/// <param name="Signals">Calls of backends to signal since its start.</param>
/// <param name="QueuedBytes">The bytes in all its queues.</param>
/// <param name="Uptime">The time since its start.</param>
/// <param name="Canaries">Its last canary through each silo.</param>
/// <param name="Topics">Its largest groups, channels and rooms: at most as many as the query's limit.</param>
[GenerateSerializer, Immutable, Alias("direct.gateway-figures")]
public sealed record GatewayFigures(
    [property: Id(0)] string Version,
    [property: Id(1)] GatewayCondition Condition,
    [property: Id(2)] TimeSpan? LeaseLeft,
    [property: Id(3)] long Deliveries,
    [property: Id(4)] long Signals,
    [property: Id(5)] long QueuedBytes,
    [property: Id(6)] TimeSpan Uptime,
    [property: Id(7)] CanaryFigures[] Canaries,
    [property: Id(8)] TopicFigures[] Topics);

/// <summary>The last canary of a gateway through one silo.</summary>
/// <param name="Silo">The silo's name.</param>
/// <param name="Latency">From its sending to its arrival; null if it has not arrived.</param>
/// <param name="Ago">How long ago it was sent.</param>
/// <param name="IsOk">Whether it has arrived.</param>
[GenerateSerializer, Immutable, Alias("direct.canary-figures")]
public readonly record struct CanaryFigures(
    [property: Id(0)] string Silo,
    [property: Id(1)] TimeSpan? Latency,
    [property: Id(2)] TimeSpan Ago,
    [property: Id(3)] bool IsOk);

/// <summary>The number of connections of a group, a channel or a room.</summary>
/// <param name="Group">The group, or 0.</param>
/// <param name="Channel">The channel, or 0.</param>
/// <param name="Connections">The number of connections.</param>
[GenerateSerializer, Immutable, Alias("direct.topic-figures")]
public readonly record struct TopicFigures([property: Id(0)] long Group, [property: Id(1)] long Channel, [property: Id(2)] int Connections);

/// <summary>A member of the cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of its program; null if it does not tell, as silos of 0.1.0 do not.</param>
/// <param name="Status">Its status, as Orleans calls it: <c>Active</c> for instance.</param>
[GenerateSerializer, Immutable, Alias("direct.silo-figures")]
public sealed record SiloFigures([property: Id(0)] string Name, [property: Id(1)] string? Version, [property: Id(2)] string Status);
