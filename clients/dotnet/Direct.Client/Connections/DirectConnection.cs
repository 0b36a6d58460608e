using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Client;

/// <summary>
/// Represents a connection to a cluster that is opened again whenever it is lost, as long as the close code allows it. It joins its rooms again, names the last position of each topic, and
/// repeats the broadcasts that were not confirmed. It offers direct.2 and speaks the original dialect with gateways that do not select it. Its methods are safe for concurrent use.
/// </summary>
/// <remarks>
/// Read the events all the time, with <see cref="ReadAllAsync"/>: while <see cref="DirectConnectionOptions.EventCapacity"/> events are unread, nothing is received, so no join or broadcast is
/// confirmed, and after a while the connection is lost. For the same reason do not wait for a join or a broadcast in the loop that reads.
/// </remarks>
public sealed partial class DirectConnection : IAsyncDisposable
{
    internal const string SubProtocol = "direct.2";

    private const int MaxIdLength = 64;

    // A connection that lasted as long as this begins the backoff anew.
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(10);

    // A gateway that does not answer a close frame by then is left.
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // How long a join of the original dialect, which is not confirmed, may take until it is in force.
    private static readonly TimeSpan UnconfirmedJoinTime = TimeSpan.FromSeconds(1);

    private readonly Uri _url;
    private readonly string _address; // without a query, which may hold a secret
    private readonly DirectConnectionOptions _options;
    private readonly ILogger _logger;
    private readonly ClientState _state;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Session? _session;
    private DirectException? _closed;
    private Task? _running;
    private volatile DirectConnectionState _connectionState;
    private long? _welcomedAt;
    private Task _reportingGap = Task.CompletedTask;
    private bool _isGapDue;
    private bool _isTokenExpired;
    private bool _joinsLater;
    private bool _isDisposed;

    /// <summary>Creates a connection that is not started.</summary>
    /// <param name="url">The address of a gateway or load balancer, such as <c>wss://chat.example/!direct</c>.</param>
    /// <param name="options">The options; null for the defaults. They are read once.</param>
    /// <exception cref="ArgumentException">The address is not a WebSocket's, or an option is out of range.</exception>
    public DirectConnection(Uri url, DirectConnectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (url is not { IsAbsoluteUri: true, Scheme: "ws" or "wss" })
        {
            throw new ArgumentException($"'{url}' is not the address of a WebSocket; expected one such as wss://chat.example/!direct.", nameof(url));
        }

        _options = options ?? new DirectConnectionOptions();
        _options.Check();
        foreach (var room in _options.Rooms)
        {
            CheckRoom(room);
        }

        _url = url;
        _address = $"{url.Scheme}://{url.Authority}{url.AbsolutePath}";
        _logger = _options.LoggerFactory?.CreateLogger<DirectConnection>() ?? NullLogger<DirectConnection>.Instance;
        _state = new ClientState(_options);
        _backoff = new Backoff(_options.ReconnectDelay, _options.MaxReconnectDelay, _options.Random);
    }

    /// <summary>Gets the present state.</summary>
    public DirectConnectionState State => _connectionState;

    /// <summary>Gets the user id that the gateway gave to the token. Anonymous users have negative ids. Null before the first answer, and with the original dialect.</summary>
    public long? User
    {
        get
        {
            lock (_state.Gate)
            {
                return _state.User;
            }
        }
    }

    /// <summary>Begins to connect. The task ends when a gateway has accepted the token. Failed attempts are repeated until then.</summary>
    /// <param name="cancellationToken">Ends the wait. The connection goes on trying until it is disposed.</param>
    /// <exception cref="DirectException">The gateway closed the connection with a code that forbids to connect again.</exception>
    /// <exception cref="InvalidOperationException">The connection was started before.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        lock (_state.Gate)
        {
            ThrowIfClosed();
            if (_running is not null)
            {
                throw new InvalidOperationException("The connection was started before.");
            }

            _connectionState = DirectConnectionState.Connecting;
            _running = Task.Run(RunAsync, CancellationToken.None);
        }

        return _connected.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Returns the events in the order in which they happened: messages, gaps, changes of the state, lost rooms. It ends after the connection has been closed for good or disposed. Two
    /// readers share the events.
    /// </summary>
    public IAsyncEnumerable<DirectEvent> ReadAllAsync(CancellationToken cancellationToken = default) => _state.Events.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Joins a room, now and after every reconnect. The task ends when the room is live: from then on, the connection receives its messages.</summary>
    /// <param name="room">The room.</param>
    /// <param name="cancellationToken">Ends the wait. The room stays wanted until <see cref="LeaveAsync"/>.</param>
    /// <exception cref="DirectException">The gateway refused the room for good, or the connection was closed for good, or the room was left meanwhile.</exception>
    public Task JoinAsync(DirectRoom room, CancellationToken cancellationToken = default)
    {
        CheckRoom(room);
        Task joined;
        lock (_state.Gate)
        {
            ThrowIfClosed();
            if (_state.Find(room) is { } known)
            {
                joined = known.Joined;
            }
            else
            {
                var membership = new RoomMembership(room);
                joined = membership.Joined;
                _state.Rooms.Add(membership);
                _session?.Join(membership);
            }
        }

        return joined.WaitAsync(cancellationToken);
    }

    /// <summary>Leaves a room. The task ends when the gateway has confirmed it. Messages that were under way may still follow. Unconfirmed broadcasts to the room fail.</summary>
    /// <param name="room">The room. Nothing happens if it was not joined.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task LeaveAsync(DirectRoom room, CancellationToken cancellationToken = default)
    {
        Task left;
        lock (_state.Gate)
        {
            if (_state.Find(room) is not { } membership)
            {
                return Task.CompletedTask;
            }

            _state.Remove(membership, new DirectException($"Room {room} was left.") { Failure = DirectFailure.RoomLeft });
            left = _session?.LeaveAsync(room) ?? Task.CompletedTask;
        }

        return left.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Sends a text to all connections in a room, including this one. The task ends when the cluster has accepted it. Without a connection it waits for one; if the connection is lost before
    /// the confirmation, it is sent again with the same id, so that it is delivered once.
    /// </summary>
    /// <param name="room">A room that was joined.</param>
    /// <param name="text">The text, which may be empty.</param>
    /// <param name="id">The caller's own name for it, 1 to 64 visible ASCII characters. If it is null, the client makes one.</param>
    /// <param name="cancellationToken">Ends the wait, and further tries. The text may have been sent.</param>
    /// <exception cref="DirectException">
    /// The room is not joined, too many broadcasts are waiting, the gateway refused it, or it was not confirmed in <see cref="DirectConnectionOptions.SayTimeout"/>; then it may have been
    /// delivered.
    /// </exception>
    public async Task SayAsync(DirectRoom room, string text, string? id = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var say = new PendingSay(room, CheckId(id ?? Guid.NewGuid().ToString("N")), text);
        CheckSize(say, nameof(text));
        lock (_state.Gate)
        {
            ThrowIfClosed();
            if (_state.Find(room) is null)
            {
                throw new DirectException($"Room {room} is not joined.", CloseCode.NotJoined, null);
            }

            if (_state.Says.Count >= _options.MaxPendingSays)
            {
                throw new DirectException($"{_state.Says.Count} broadcasts wait for a confirmation, which is the most that DirectConnectionOptions.MaxPendingSays allows.")
                {
                    Failure = DirectFailure.QueueFull,
                };
            }

            _state.Says.Add(say);
            say.Expiry = _options.TimeProvider.CreateTimer(_ => GiveUp(say, $"The broadcast to {room} was not confirmed within {_options.SayTimeout}; it may have been delivered.", DirectFailure.TimedOut), null, _options.SayTimeout, Timeout.InfiniteTimeSpan);
            _session?.Say(say);
        }

        try
        {
            await say.Confirmed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUp(say, "The caller has stopped waiting.");
            throw;
        }
    }

    /// <summary>Closes the connection for good. Events that were received can still be read.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_state.Gate)
        {
            running = _running;
        }

        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (running is not null)
        {
            await running.ConfigureAwait(false);
        }

        Finish(new DirectException("The connection was disposed.") { Failure = DirectFailure.Disposed });
        _state.Events.Writer.TryComplete();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            var (end, reason) = await RunUntilClosedAsync().ConfigureAwait(false);
            Finish(reason);
            await _state.Events.Writer.WriteAsync(new DirectStateChange(DirectConnectionState.Closed, end.Code, end.Reason), _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Disposed, which is what ends the connection.
        }
        finally
        {
            _state.Events.Writer.TryComplete();
        }
    }

    // Connects until a close code or an error of the program forbids it, and returns why.
    private async Task<(SessionEnd End, DirectException Reason)> RunUntilClosedAsync()
    {
        try
        {
            var end = await ReconnectAsync().ConfigureAwait(false);
            Log.Closed(_logger, _address, end.Code, end.Reason);
            return (end, new DirectException($"{_address} closed the connection for good with {end.Code}: {end.Reason}", end.Code, end.Reason));
        }
        catch (Exception exception) when (!(_stopping.IsCancellationRequested && exception is OperationCanceledException))
        {
            Log.Failed(_logger, exception, _address);
            return (new SessionEnd(null, exception.Message), new DirectException($"The connection to {_address} ended by an error: {exception.Message}", exception));
        }
    }

    // Connects until a close code forbids it, and returns that code.
    private async Task<SessionEnd> ReconnectAsync()
    {
        for (var failures = 0; ; failures++)
        {
            _welcomedAt = null;
            var end = await ConnectAsync().ConfigureAwait(false);
            _stopping.Token.ThrowIfCancellationRequested();
            if (!CloseCode.MayReconnect(end.Code))
            {
                return end;
            }

            _isTokenExpired |= end.Code is CloseCode.SessionExpired;
            _joinsLater = end.Code is CloseCode.MessageRate;
            failures = _welcomedAt is { } since && _options.TimeProvider.GetElapsedTime(since) >= StableAfter ? 0 : failures;
            var delay = _backoff.Next(failures);
            Log.Lost(_logger, _address, end.Code, end.Reason, delay);
            await ChangeStateAsync(new DirectStateChange(DirectConnectionState.Reconnecting, end.Code, end.Reason), _stopping.Token).ConfigureAwait(false);
            await Task.Delay(delay, _options.TimeProvider, _stopping.Token).ConfigureAwait(false);
        }
    }

    // Opens one connection, and returns why it ended.
    private async Task<SessionEnd> ConnectAsync()
    {
        using var limit = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        using var webSocket = new ClientWebSocket();
        try
        {
            var token = await GetTokenAsync(opening.Token).ConfigureAwait(false);
            Configure(webSocket.Options);
            await webSocket.ConnectAsync(_url, opening.Token).ConfigureAwait(false);
            using var socket = new ClientSocket(webSocket, _options.TimeProvider);
            return await RunSessionAsync(socket, token, limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!_stopping.IsCancellationRequested)
        {
            // A WebSocket that ends itself because a ping was not answered throws this too.
            return new SessionEnd(null, limit.IsCancellationRequested ? $"No gateway accepted the token within {_options.ConnectTimeout}." : (exception.InnerException ?? exception).GetBaseException().Message);
        }
        catch (WebSocketException exception)
        {
            var status = webSocket.HttpStatusCode is 0 or HttpStatusCode.SwitchingProtocols ? "" : $" (HTTP status {(int)webSocket.HttpStatusCode})";
            return new SessionEnd(null, $"{exception.Message}{status}");
        }
        catch (TokenException exception)
        {
            Log.NoToken(_logger, exception.InnerException);
            return new SessionEnd(null, exception.Message);
        }
    }

    private async Task<SessionEnd> RunSessionAsync(ClientSocket socket, string token, CancellationTokenSource limit)
    {
        var session = Open(socket, token, limit);
        if (session is null)
        {
            return new SessionEnd(null, "The gateway does not speak direct.2, without which a connection has one room at a time.");
        }

        using var abort = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        var sending = Task.CompletedTask;
        try
        {
            await using var closing = _stopping.Token.Register(() =>
            {
                socket.BeginClose();
                limit.CancelAfter(CloseTimeout);
            }).ConfigureAwait(false);
            sending = SendAsync(socket, abort.Token);
            if (session is OriginalSession)
            {
                await WelcomeAsync(limit, isOriginal: true, abort.Token).ConfigureAwait(false); // it does not answer a token
            }

            while (await socket.ReceiveAsync(abort.Token).ConfigureAwait(false) is { } message)
            {
                await session.HandleAsync(message, abort.Token).ConfigureAwait(false);
                if (session.Rejection is { } rejection)
                {
                    return rejection;
                }
            }

            return await socket.AnswerCloseAsync(abort.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_state.Gate)
            {
                session.End();
                _session = null;
            }

            await abort.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            await _reportingGap.ConfigureAwait(false);
        }
    }

    // Returns null if the gateway cannot serve the rooms.
    private Session? Open(ClientSocket socket, string token, CancellationTokenSource limit)
    {
        lock (_state.Gate)
        {
            if (!socket.SpeaksDirect2 && _state.Rooms.Count > 1)
            {
                return null;
            }

            _session = socket.SpeaksDirect2
                ? new Direct2Session(_state, socket, _options, _joinsLater, cancellationToken => WelcomeAsync(limit, isOriginal: false, cancellationToken))
                : new OriginalSession(_state, socket);
            _session.Begin(token);
            return _session;
        }
    }

    private async ValueTask WelcomeAsync(CancellationTokenSource limit, bool isOriginal, CancellationToken cancellationToken)
    {
        if (!_stopping.IsCancellationRequested)
        {
            limit.CancelAfter(Timeout.InfiniteTimeSpan);
        }

        _welcomedAt = _options.TimeProvider.GetTimestamp();
        Log.Connected(_logger, _address, isOriginal ? "the original dialect" : SubProtocol);
        await ChangeStateAsync(new DirectStateChange(DirectConnectionState.Connected), cancellationToken).ConfigureAwait(false);

        // Without positions on both sides of a reconnect, no gateway can say what is missing.
        if (_isGapDue || (isOriginal && _connected.Task.IsCompleted))
        {
            _reportingGap = ReportGapAsync(isOriginal, cancellationToken);
        }

        _isGapDue |= isOriginal;
        _connected.TrySetResult();
    }

    private async Task<string> GetTokenAsync(CancellationToken cancellationToken)
    {
        if (_options.TokenProvider is not { } provider)
        {
            return "";
        }

        var request = new DirectTokenRequest(_isTokenExpired);
        string? token;
        try
        {
            token = await provider(request, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TokenException($"DirectConnectionOptions.TokenProvider failed: {exception.Message}", exception);
        }

        if (token is null || token.Contains('\n', StringComparison.Ordinal))
        {
            throw new TokenException($"DirectConnectionOptions.TokenProvider returned {(token is null ? "null" : "a token with a line feed")}; expected one line, empty for an anonymous user.", null);
        }

        _state.MayRenewToken = !request.IsExpired;
        _isTokenExpired = false;
        return token;
    }

    private void Configure(ClientWebSocketOptions options)
    {
        options.AddSubProtocol(SubProtocol);
        options.KeepAliveInterval = _options.KeepAliveInterval;
        options.KeepAliveTimeout = _options.KeepAliveTimeout;
        options.CollectHttpResponseDetails = true;
        _options.ConfigureWebSocket?.Invoke(options);
    }

    private ValueTask ChangeStateAsync(DirectStateChange change, CancellationToken cancellationToken)
    {
        _connectionState = change.State;
        return _state.Events.Writer.WriteAsync(change, cancellationToken);
    }

    private void GiveUp(PendingSay say, string reason, DirectFailure? failure = null)
    {
        lock (_state.Gate)
        {
            _state.Remove(say, new DirectException(reason) { Id = say.Id, Failure = failure });
        }
    }

    // Ends everything that waits. Only the first call has an effect.
    private void Finish(DirectException reason)
    {
        lock (_state.Gate)
        {
            if (_closed is not null)
            {
                return;
            }

            _closed = reason;
            _connectionState = DirectConnectionState.Closed;
            _state.Says.ToList().ForEach(say => _state.Remove(say, reason));
            _state.Rooms.ToList().ForEach(membership => _state.Remove(membership, reason));
        }

        _connected.TrySetException(reason);
        _ = _connected.Task.Exception; // nobody may wait for it
    }

    private void ThrowIfClosed()
    {
        if (_closed is { } reason)
        {
            throw new DirectException(reason.Message, reason.Status, reason.Detail, reason) { Failure = reason.Failure };
        }
    }

    private void CheckSize(PendingSay say, string parameter)
    {
        const int longestRef = 16;
        var bytes = StrictUtf8.GetByteCount($"say {say.Room} id={say.Id} #\n{say.Text}") + longestRef;
        if (bytes > _options.MaxMessageBytes)
        {
            throw new ArgumentException($"The text makes a message of {bytes} bytes; DirectConnectionOptions.MaxMessageBytes allows {_options.MaxMessageBytes}.", parameter);
        }
    }

    private static string CheckId(string id) => id.Length is > 0 and <= MaxIdLength && id.All(static character => character is > ' ' and <= '~')
        ? id
        : throw new ArgumentException($"'{id}' is not an id; expected 1 to {MaxIdLength} visible ASCII characters.", nameof(id));

    private static void CheckRoom(DirectRoom room)
    {
        if (room == default)
        {
            throw new ArgumentException("0,0 is not a room; expected a group, a channel or both.", nameof(room));
        }
    }

    // What is published before the joins are in force is missing too, and an application that is told now would fetch its state too early.
    private async Task ReportGapAsync(bool isOriginal, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(UnconfirmedJoinTime, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            await _state.Events.Writer.WriteAsync(new DirectGap(null), cancellationToken).ConfigureAwait(false);
            _isGapDue = isOriginal;
        }
        catch (OperationCanceledException)
        {
        }
    }

    // A connection on which nothing can be sent any more ends the receive loop too, which then says why.
    private static async Task SendAsync(ClientSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendAllAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
        }
    }

    private sealed class TokenException(string message, Exception? innerException) : Exception(message, innerException);

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Debug, "Connected to {Address} with {Dialect}")]
        public static partial void Connected(ILogger logger, string address, string dialect);

        [LoggerMessage(11, LogLevel.Information, "The connection to {Address} was lost with code {Code} ({Reason}); the next attempt is in {Delay}")]
        public static partial void Lost(ILogger logger, string address, int? code, string reason, TimeSpan delay);

        [LoggerMessage(12, LogLevel.Warning, "{Address} closed the connection for good with code {Code} ({Reason})")]
        public static partial void Closed(ILogger logger, string address, int? code, string reason);

        [LoggerMessage(13, LogLevel.Warning, "The token provider failed")]
        public static partial void NoToken(ILogger logger, Exception? exception);

        [LoggerMessage(14, LogLevel.Error, "The connection to {Address} ended by an error")]
        public static partial void Failed(ILogger logger, Exception exception, string address);
    }
}
