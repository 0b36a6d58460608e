using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Direct.Edge.Timing;
using Direct.Edge.Watching;
using Direct.Memory;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Connections;

/// <summary>Begins and ends every connection: admits or refuses it, registers, counts and logs it.</summary>
internal sealed partial class ConnectionHub(
    ConnectionDependencies dependencies,
    ConnectionRegistry registry,
    Admission admission,
    QueueBudget queues,
    DeadlineWheel wheel,
    WatchRecorder watches,
    GatewayMetrics metrics,
    ILogger<ConnectionHub> logger)
{
    private readonly bool _isDebugLogged = logger.IsEnabled(LogLevel.Debug);
    private long _lastConnectionId;

    /// <summary>Gets whether a handshake may select <c>direct.2</c>.</summary>
    public bool AcceptsDirect2 => dependencies.Options.Direct2;

    /// <summary>Creates a connection after its handshake. A connection for which a limit leaves no room is returned already closing.</summary>
    /// <param name="transport">The socket.</param>
    /// <param name="address">The client's address.</param>
    /// <param name="speaksDirect2">Whether the handshake has selected <c>direct.2</c>.</param>
    public Connection Open(ITransportConnection transport, ClientAddress address, bool speaksDirect2 = false)
    {
        // Neither the queues nor the collector can free the memory that connections themselves take.
        var refusal = queues.Pressure is MemoryPressure.Exhausted ? CloseReason.NodeFull : admission.TryAdmit(address.Counted);
        var id = Interlocked.Increment(ref _lastConnectionId);
        var connection = new Connection(id, this, dependencies, transport, address, speaksDirect2) { IsAdmitted = refusal is null };
        transport.Attach(connection);
        registry.Add(connection);
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

    /// <summary>Releases what the hub holds for the connection. This is the last call for that connection.</summary>
    public void Ended(Connection connection)
    {
        var reason = connection.CloseReason!;
        if (connection.IsAdmitted)
        {
            admission.Release(connection.Address.Counted, connection.IsIdentified);
            metrics.ConnectionClosed(reason, TimeSpan.FromMilliseconds(wheel.NowMs - connection.OpenedMs));
        }

        if (watches.IsActive && connection.IsIdentified)
        {
            watches.Ended(connection.Id, connection, reason);
        }

        if (_isDebugLogged)
        {
            Log.Ended(logger, connection.Id, connection.UserId, reason.Label);
        }

        registry.Remove(connection); // last, so that nothing is left of a connection when the registry is empty
    }

    /// <summary>Logs that an error in Direct has ended a connection.</summary>
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
