using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Edge.Timing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Accepts WebSockets without Kestrel: plain TCP on Linux, on its own loops. It holds the state that the sockets of all its ports share.
/// </summary>
internal sealed partial class LoopTransport(
    ConnectionHub hub,
    ClientAddressReader addresses,
    NodeGate gate,
    AllowedOrigins origins,
    AllowedHosts hosts,
    DeadlineWheel wheel,
    EventLoops loops,
    TcpLimit limit,
    IOptions<LimitOptions> limits,
    IOptions<SocketTransportOptions> sockets,
    ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger<LoopTransport>();
    private readonly LiveCount _open = new();
    private long _lastHttpConnection;

    public EventLoops Loops => loops;

    /// <summary>Gets the number of WebSockets that have not ended.</summary>
    public int Open => _open.Value;

    /// <summary>Completes when every WebSocket has ended and its descriptor is closed.</summary>
    public Task WhenEmpty() => _open.WhenZero();

    public TcpLimit Limit => limit;

    /// <summary>Gets how long a TCP connection may send nothing, in milliseconds.</summary>
    public long IdleMs { get; } = (long)limits.Value.IdleTimeout.TotalMilliseconds;

    /// <summary>Gets the size of the pipe from a socket to Kestrel.</summary>
    public PipeOptions InputPipe { get; } = Inline(sockets.Value.MaxReadBufferSize);

    /// <summary>Gets the size of the pipe from Kestrel to a socket.</summary>
    public PipeOptions OutputPipe { get; } = Inline(sockets.Value.MaxWriteBufferSize);

    /// <summary>Listens at an address.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="isManagement">Whether it is the management port, which accepts no WebSocket.</param>
    /// <exception cref="AddressInUseException">Somebody else does.</exception>
    public LoopListener Bind(EndPoint endpoint, bool isManagement)
    {
        var options = sockets.Value;
        var socket = options.CreateBoundListenSocket(endpoint);
        try
        {
            socket.Listen(options.Backlog);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new AddressInUseException(exception.Message, exception);
        }

        return new LoopListener(this, socket, isManagement, options.NoDelay);
    }

    /// <summary>Returns whether this node admits a connection with this request. If not, Kestrel answers with the reason.</summary>
    public bool LetsIn(in HandshakeRequest head) => gate.IsOpen && origins.Allow(head.Origin) && hosts.Allow(head.Host);

    /// <summary>Returns whether the handshake selects <c>direct.2</c>.</summary>
    public bool SelectsDirect2(in HandshakeRequest head) => head.OffersDirect2 && hub.AcceptsDirect2;

    public ClientAddress AddressOf(IPAddress peer, IHeaderDictionary headers) => addresses.Read(peer, headers);

    /// <summary>Creates the connection of a WebSocket whose handshake is complete.</summary>
    public LoopConnection Accept(TcpSocket socket, ClientAddress address, bool speaksDirect2)
    {
        _open.Increment();
        var connection = new LoopConnection(socket, this);
        hub.Open(connection, address, speaksDirect2);
        return connection;
    }

    /// <summary>Returns a name for the connection in Kestrel's logs.</summary>
    public string NewHttpConnectionId() => string.Create(CultureInfo.InvariantCulture, $"loop-{Interlocked.Increment(ref _lastHttpConnection)}");

    /// <summary>Records that a WebSocket has ended and its descriptor is closed.</summary>
    public void Ended() => _open.Decrement();

    /// <summary>Logs that handling the input of a connection failed, and closes it.</summary>
    public void Failed(Connection connection, Exception exception) => hub.Failed(connection, exception);

    public void Schedule(DeadlineWheel.Entry entry, long delayMs) => wheel.Schedule(entry, wheel.NowMs + delayMs);

    public void Cancel(DeadlineWheel.Entry entry) => wheel.Cancel(entry);

    /// <summary>Logs an unexpected error.</summary>
    public void Failed(Exception exception) => Log.Failed(_logger, exception);

    // Both sides of the pipe continue on the thread that has just written or read.
    private static PipeOptions Inline(long? maxBytes) => new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: maxBytes ?? 0,
        resumeWriterThreshold: (maxBytes ?? 0) / 2,
        useSynchronizationContext: false);

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.LoopFailed, LogLevel.Error, "A TCP connection is dropped because handling it failed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
