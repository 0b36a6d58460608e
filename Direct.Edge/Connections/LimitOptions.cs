using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Connections;

/// <summary>
/// Configures what one node accepts. A limit that is not set has the default that is documented here; 0 turns it off where the range allows it.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Limits";

    /// <summary>
    /// Gets or sets the number of open WebSockets. Default 100,000, or what the limit of file descriptors allows, whichever is less. Further ones are
    /// closed with 4010.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>
    /// Gets or sets the number of open WebSockets from one address (for IPv6 from one /64). Default 1,000; off with <c>env=test</c>. Further ones are
    /// closed with 4011.
    /// </summary>
    [Range(0, 10_000_000)]
    public int? MaxConnectionsPerAddress { get; set; }

    /// <summary>Gets or sets the number of open WebSockets without a token. Default 10,000. Further ones are closed with 4012.</summary>
    [Range(1, 10_000_000)]
    public int MaxUnauthenticated { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the number of frames per second from one connection, without pongs and closes. Default 50; off with <c>env=test</c>. A connection
    /// that sends more is closed with 4007.
    /// </summary>
    [Range(0, 1_000_000)]
    public int? MessagesPerSecond { get; set; }

    /// <summary>Gets or sets the burst of frames from one connection. Default twice <see cref="MessagesPerSecond"/>.</summary>
    [Range(1, 10_000_000)]
    public int? MessageBurst { get; set; }

    /// <summary>
    /// Gets or sets the number of joins per second of one connection. Default 10; off with <c>env=test</c>. A connection that joins more often is
    /// closed with 4007.
    /// </summary>
    [Range(0, 1_000_000)]
    public int? JoinsPerSecond { get; set; }

    /// <summary>Gets or sets the burst of joins of one connection. Default twice <see cref="JoinsPerSecond"/>.</summary>
    [Range(1, 10_000_000)]
    public int? JoinBurst { get; set; }

    /// <summary>
    /// Gets or sets the number of joins per second of all connections from one address (for IPv6 from one /64). Default a fifth of
    /// <see cref="MaxConnectionsPerAddress"/>, which is 200, and at least 10; off if that is off. A connection that exceeds it is closed with 4011.
    /// Joins of clients that speak <c>direct.2</c> wait instead.
    /// </summary>
    [Range(0, 10_000_000)]
    public int? JoinsPerSecondPerAddress { get; set; }

    /// <summary>
    /// Gets or sets the burst of joins from one address. Default ten times <see cref="JoinsPerSecondPerAddress"/>, so that all clients behind an
    /// address may connect again at once and change rooms.
    /// </summary>
    [Range(1, 100_000_000)]
    public int? JoinBurstPerAddress { get; set; }

    /// <summary>
    /// Gets or sets the number of new WebSockets per second. Default 2,000; off with <c>env=test</c>. Further ones are closed with 4013.
    /// </summary>
    [Range(0, 1_000_000)]
    public int? AcceptsPerSecond { get; set; }

    /// <summary>Gets or sets the burst of new WebSockets. Default twice <see cref="AcceptsPerSecond"/>.</summary>
    [Range(1, 10_000_000)]
    public int? AcceptBurst { get; set; }

    /// <summary>Gets or sets how long the head of an HTTP request may take. Default 10 s. A longer one is answered 408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how long a TCP connection may send nothing before its first request, and between two requests. Default 65 s, a little more than
    /// the minute for which callers usually keep an idle connection. After that it is closed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(65);
}
