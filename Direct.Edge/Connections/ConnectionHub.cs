using System.Collections.Concurrent;
using Direct.Edge.Backplane;
using Direct.Edge.Hosting;
using Direct.Edge.Identity;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>Where every connection begins and ends, and what all of them share. The transports stand before it, the topics behind.</summary>
internal sealed partial class ConnectionHub(
    IOptions<ConnectionOptions> options,
    EffectiveLimits limits,
    Admission admission,
    IdentityResolver identities,
    TopicIndex index,
    TopicSubscriptions subscriptions,
    IBackplane backplane,
    DeadlineWheel wheel,
    QueueBudget queues,
    GatewayMetrics metrics,
    NodeGate gate,
    ILogger<ConnectionHub> logger)
{
    private readonly ConcurrentDictionary<long, Connection> _connections = new();
    private readonly bool _isDebugLogged = logger.IsEnabled(LogLevel.Debug);
    private long _lastConnectionId;

    public ConnectionOptions Options { get; } = options.Value;

    public DeadlineWheel Wheel => wheel;

    public TopicIndex Index => index;

    public TopicSubscriptions Subscriptions => subscriptions;

    public IdentityResolver Identities => identities;

    public Admission Admission => admission;

    public GatewayMetrics Metrics => metrics;

    public NodeGate Gate => gate;

    /// <summary>The memory that all connections share for what they have not read.</summary>
    public QueueBudget Queues => queues;

    /// <summary>Every connection that is open or closing.</summary>
    public ICollection<Connection> Connections => _connections.Values;

    /// <summary>The same, one after the other, without a copy of all.</summary>
    public IEnumerable<Connection> EachConnection => _connections.Select(static pair => pair.Value);

    /// <summary>Takes a connection whose handshake is done. One that no limit leaves room for is closing already.</summary>
    public Connection Open(ITransportConnection transport, ClientAddress address)
    {
        // Neither the queues nor the collector can give back what connections themselves take.
        var refusal = queues.Pressure is MemoryPressure.Exhausted ? CloseReason.NodeFull : admission.TryAdmit(address.Counted);
        var connection = new Connection(this, transport, address) { IsAdmitted = refusal is null };
        transport.Attach(connection);
        _connections.TryAdd(connection.Id, connection);
        connection.Start();
        if (refusal is null)
        {
            metrics.ConnectionOpened();
        }
        else
        {
            metrics.ConnectionRefused(refusal);
            connection.BeginClose(refusal);
        }

        if (_isDebugLogged)
        {
            Log.Opened(logger, connection.Id, refusal?.Label);
        }

        return connection;
    }

    /// <summary>The connection's last call.</summary>
    public void Ended(Connection connection, long openedMs)
    {
        _connections.TryRemove(connection.Id, out _);
        var reason = connection.CloseReason!;
        if (connection.IsAdmitted)
        {
            admission.Release(connection.Address.Counted, connection.IsIdentified);
            metrics.ConnectionClosed(reason, TimeSpan.FromMilliseconds(wheel.NowMs - openedMs));
        }

        if (_isDebugLogged)
        {
            Log.Ended(logger, connection.Id, connection.UserId, reason.Label);
        }
    }

    /// <summary>Sends a client's text to its room. Completes when the sender may say more.</summary>
    public ValueTask BroadcastAsync(long group, long channel, ReadOnlyMemory<byte> text)
    {
        var target = new Target(group, channel, 0);
        var topic = Topic.For(target);
        if (topic.Kind is TopicKind.All)
        {
            if (Options.UnjoinedBroadcast is UnjoinedBroadcast.None)
            {
                return default;
            }

            topic = Options.UnjoinedBroadcast is UnjoinedBroadcast.Lobby ? Topic.Lobby : Topic.All;
        }

        backplane.Publish(new Signal(topic, target, text, NeedsReceipt: false));
        var memory = queues.ReadyAsync();
        return memory.IsCompletedSuccessfully ? backplane.ReadyAsync(topic, CancellationToken.None) : WaitAsync(memory, topic);
    }

    private async ValueTask WaitAsync(ValueTask memory, Topic topic)
    {
        await memory;
        await backplane.ReadyAsync(topic, CancellationToken.None);
    }

    public long NextConnectionId() => Interlocked.Increment(ref _lastConnectionId);

    public TokenBucket NewMessageBucket() => new(limits.MessagesPerSecond, limits.MessageBurst, wheel.NowMs);

    public TokenBucket NewJoinBucket() => new(limits.JoinsPerSecond, limits.JoinBurst, wheel.NowMs);

    /// <summary>Takes note of a join; says which limit it is over, if any.</summary>
    public CloseReason? TakeJoin(ref TokenBucket joins, ClientAddress address) =>
        limits.JoinsPerSecond > 0 && !joins.TryTake(wheel.NowMs) ? CloseReason.MessageRate
        : admission.TryJoin(address.Counted) ? null
        : CloseReason.AddressLimit;

    /// <summary>Whether another frame of a connection is within its limit.</summary>
    public bool TakeMessage(ref TokenBucket messages) => limits.MessagesPerSecond == 0 || messages.TryTake(wheel.NowMs);

    /// <summary>A connection ended by a fault of ours.</summary>
    public void Failed(Connection connection, Exception exception)
    {
        Log.Failed(logger, exception, connection.Id);
        connection.BeginClose(CloseReason.InternalError);
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.ConnectionOpened, LogLevel.Debug, "Connection {ConnectionId} opened, refused by {Limit}")]
        public static partial void Opened(ILogger logger, long connectionId, string? limit);

        [LoggerMessage(EdgeEventIds.ConnectionEnded, LogLevel.Debug, "Connection {ConnectionId} of user {UserId} ended: {Reason}")]
        public static partial void Ended(ILogger logger, long connectionId, long userId, string reason);

        [LoggerMessage(EdgeEventIds.ConnectionFailed, LogLevel.Error, "Connection {ConnectionId} is closed because handling its input failed")]
        public static partial void Failed(ILogger logger, Exception exception, long connectionId);
    }
}
