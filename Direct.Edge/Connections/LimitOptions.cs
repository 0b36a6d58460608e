using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Connections;

/// <summary>
/// What one node takes before it refuses. A limit that is not set has the default stated here; 0 turns it off, where that makes sense.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Limits";

    /// <summary>WebSockets at once. Default 100,000, or what the limit of file descriptors leaves, whichever is less. More: closed 4010.</summary>
    [Range(1, 10_000_000)]
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>WebSockets at once from one address (of IPv6 from one /64). Default 1,000; off in <c>env=test</c>. More: closed 4011.</summary>
    [Range(0, 10_000_000)]
    public int? MaxConnectionsPerAddress { get; set; }

    /// <summary>WebSockets at once that have not given their token. Default 10,000. More: closed 4012.</summary>
    [Range(1, 10_000_000)]
    public int MaxUnauthenticated { get; set; } = 10_000;

    /// <summary>Frames per second from one connection, pongs and closes not counted. Default 50; off in <c>env=test</c>. More: closed 4007.</summary>
    [Range(0, 1_000_000)]
    public int? MessagesPerSecond { get; set; }

    /// <summary>Frames at once from one connection that has been quiet. Default twice <see cref="MessagesPerSecond"/>.</summary>
    [Range(1, 10_000_000)]
    public int? MessageBurst { get; set; }

    /// <summary>Joins per second of one connection. Default 10; off in <c>env=test</c>. More: closed 4007.</summary>
    [Range(0, 1_000_000)]
    public int? JoinsPerSecond { get; set; }

    /// <summary>Joins at once of one connection that has been quiet. Default twice <see cref="JoinsPerSecond"/>.</summary>
    [Range(1, 10_000_000)]
    public int? JoinBurst { get; set; }

    /// <summary>
    /// Joins per second of all connections of one address (of IPv6 of one /64). Default a fifth of <see cref="MaxConnectionsPerAddress"/>,
    /// so 200, at least 10, and off where that is off. More: closed 4011.
    /// </summary>
    [Range(0, 10_000_000)]
    public int? JoinsPerSecondPerAddress { get; set; }

    /// <summary>
    /// Joins at once from an address that has been quiet. Default ten times <see cref="JoinsPerSecondPerAddress"/>: everybody behind an
    /// address may come back at once, and change the room.
    /// </summary>
    [Range(1, 100_000_000)]
    public int? JoinBurstPerAddress { get; set; }

    /// <summary>New WebSockets per second. Default 2,000; off in <c>env=test</c>. More: closed 4013.</summary>
    [Range(0, 1_000_000)]
    public int? AcceptsPerSecond { get; set; }

    /// <summary>New WebSockets at once after a quiet time. Default twice <see cref="AcceptsPerSecond"/>.</summary>
    [Range(1, 10_000_000)]
    public int? AcceptBurst { get; set; }

    /// <summary>How long the head of an HTTP request may take. Default 10 s. Longer: 408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a TCP connection may say nothing before its first request, and between two. Default 65 s, a little over the minute for
    /// which callers usually keep an idle connection. Longer: it ends.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(65);
}
