using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Direct.Client;

/// <summary>Specifies how a <see cref="DirectConnection"/> connects.</summary>
public sealed class DirectConnectionOptions
{
    /// <summary>
    /// Gets or sets the function that returns the token of the user. It is called for every attempt to connect, and may return a token that it has kept unless
    /// <see cref="DirectTokenRequest.IsExpired"/> says otherwise. Null sends an empty token: the user is anonymous.
    /// </summary>
    public Func<DirectTokenRequest, CancellationToken, ValueTask<string>>? TokenProvider { get; set; }

    /// <summary>Gets the rooms to join with the first message. <see cref="DirectConnection.JoinAsync"/> joins more.</summary>
    public IList<DirectRoom> Rooms { get; } = [];

    /// <summary>Gets or sets how many events wait to be read. When they are that many, nothing is read from the gateway. Default: 1,000.</summary>
    public int EventCapacity { get; set; } = 1000;

    /// <summary>Gets or sets how many broadcasts may wait for a connection or a confirmation. Further ones are refused. Default: 100.</summary>
    public int MaxPendingSays { get; set; } = 100;

    /// <summary>Gets or sets how long a broadcast waits for its confirmation, over all reconnects. At most 5 minutes, because gateways remember ids for that long. Default: 60 s.</summary>
    public TimeSpan SayTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how many bytes a message has at most, with its header (<c>Direct:Connections:MaxLaterMessageBytes</c> of the gateways). Default: 4,096.</summary>
    public int MaxMessageBytes { get; set; } = 4096;

    /// <summary>Gets or sets the longest wait before the first reconnect. The limit doubles with each failure, and each wait is a random time below the limit. Default: 1 s.</summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the longest wait before any reconnect. Default: 30 s.</summary>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long an attempt to connect takes at most, including the token and the answer to it. Default: 15 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how often the client pings the gateway. Default: 15 s.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets or sets how long the client waits for the answer to a ping before it gives the connection up. While <see cref="EventCapacity"/> events are unread, answers are not read either.
    /// Default: 20 s.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets or sets a function that adds headers, certificates or a proxy to each attempt to connect.</summary>
    public Action<ClientWebSocketOptions>? ConfigureWebSocket { get; set; }

    /// <summary>Gets or sets where the connection logs. Messages and tokens are never logged.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets the clock of waits and timeouts, for tests.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets the source of random waits, for tests.</summary>
    public Random Random { get; set; } = Random.Shared;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(EventCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingSays, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SayTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SayTimeout, TimeSpan.FromMinutes(5));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReconnectDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxReconnectDelay, ReconnectDelay);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ThrowIfNoPeriod(KeepAliveInterval);
        ThrowIfNoPeriod(KeepAliveTimeout);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(Random);
    }

    private static void ThrowIfNoPeriod(TimeSpan value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, value, "It must be above 0, or Timeout.InfiniteTimeSpan for no pings.");
        }
    }
}
