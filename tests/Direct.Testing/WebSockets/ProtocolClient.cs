using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Direct.Testing.Http;
using Direct.Testing.Time;

namespace Direct.Testing.WebSockets;

/// <summary>
/// Represents a WebSocket client with its own codec over a raw socket. It reads only inside receive calls, so a test that does not receive is a
/// client that does not read. It answers pings only while it reads, and only when <see cref="AnswerPings"/> is set.
/// </summary>
public sealed class ProtocolClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly BufferedReader _reader;
    private readonly ServerFrameReader _frames = new();
    private readonly Queue<ServerFrame> _inbox = new();
    private ServerFrame? _end;
    private int _syncs;

    private ProtocolClient(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
        _reader = new BufferedReader(stream);
    }

    /// <summary>Gets the response of the server to the handshake.</summary>
    public HttpAnswer Response { get; private set; } = HttpAnswer.Nothing;

    /// <summary>Gets or sets whether received pings are answered and hidden (the default), or returned as frames.</summary>
    public bool AnswerPings { get; set; } = true;

    public Socket Socket => _socket;

    /// <summary>Opens a connection that the server is expected to upgrade.</summary>
    public static async Task<ProtocolClient> ConnectAsync(int port, HandshakeOptions? options = null, TimeSpan? timeout = null)
    {
        options ??= HandshakeOptions.Default;
        var client = await QueryAsync(port, options, timeout);
        try
        {
            Require(client.Response.Status == 101, $"101 expected, got {await client.WholeResponseAsync()}");
            Require(client.Response.Header("Sec-WebSocket-Accept") == AcceptFor(options.Key ?? ""), "Sec-WebSocket-Accept does not match");
            Require(string.Equals(client.Response.Header("Upgrade"), "websocket", StringComparison.OrdinalIgnoreCase), "no Upgrade header");
            Require(client.Response.Header("Sec-WebSocket-Extensions") is null, "an extension was accepted");
            Require(client.Response.Header("Sec-WebSocket-Protocol") == options.SubProtocol, $"the sub-protocol '{options.SubProtocol}' was not selected, or another one");
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends the handshake and reads the head of the response, with any status.</summary>
    public static async Task<ProtocolClient> QueryAsync(int port, HandshakeOptions options, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client = await OpenAsync(port, options, timeout);
        try
        {
            await client.SendRawAsync((byte[])[.. Encoding.UTF8.GetBytes(options.Render(port)), .. options.Early.Span]);
            await client.ReadResponseAsync(timeout);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the socket (and TLS) without sending anything.</summary>
    public static async Task<ProtocolClient> OpenAsync(int port, HandshakeOptions? options = null, TimeSpan? timeout = null)
    {
        options ??= HandshakeOptions.Default;
        var socket = new Socket(options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (options.ReceiveBufferBytes is { } receiveBufferBytes)
            {
                socket.ReceiveBufferSize = receiveBufferBytes;
            }

            if (options.LocalAddress is { } localAddress)
            {
                socket.Bind(new IPEndPoint(localAddress, 0));
            }

            return await Deadline.RunAsync(
                $"connecting to {options.Address}:{port}",
                async cancellationToken =>
                {
                    await socket.ConnectAsync(new IPEndPoint(options.Address, port), cancellationToken);
                    return new ProtocolClient(socket, await WrapAsync(socket, options, cancellationToken));
                },
                timeout);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection and sends its token, which gives the connection its user.</summary>
    public static async Task<ProtocolClient> ConnectWithTokenAsync(int port, string token = "token", HandshakeOptions? options = null)
    {
        var client = await ConnectAsync(port, options);
        await client.SendTextAsync(token);
        await client.SyncAsync();
        return client;
    }

    /// <summary>Returns the <c>Sec-WebSocket-Accept</c> value of a key by RFC 6455, section 4.2.2, step 5.4.</summary>
    public static string AcceptFor(string key)
    {
#pragma warning disable CA5350 // The RFC asks for SHA-1; nothing secret rests on it.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    public async Task ReadResponseAsync(TimeSpan? timeout = null)
    {
        Response = await Deadline.RunAsync(
            "the answer to a handshake",
            async cancellationToken =>
            {
                try
                {
                    return await HttpAnswerReader.ReadHeadAsync(_reader, cancellationToken) ?? HttpAnswer.Nothing;
                }
                catch (IOException)
                {
                    return HttpAnswer.Nothing;
                }
            },
            timeout);
    }

    /// <summary>
    /// Reads one whole response, with its body. It can be called again for further responses. Returns <see cref="HttpAnswer.Nothing"/> when the
    /// connection ends.
    /// </summary>
    public Task<HttpAnswer> ReadAnswerAsync(bool hasBody = true, TimeSpan? timeout = null) => Deadline.RunAsync(
        "an answer",
        async cancellationToken =>
        {
            try
            {
                return await HttpAnswerReader.ReadAsync(_reader, hasBody, cancellationToken);
            }
            catch (IOException)
            {
                return HttpAnswer.Nothing;
            }
        },
        timeout);

    public Task SendRawAsync(ReadOnlyMemory<byte> bytes, TimeSpan? timeout = null) => Deadline.RunAsync(
        $"sending {bytes.Length} bytes",
        cancellationToken => _stream.WriteAsync(bytes, cancellationToken),
        timeout);

    public Task SendAsync(ClientFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return SendRawAsync(frame.Encode());
    }

    /// <summary>Sends all frames in one write.</summary>
    public Task SendAsync(IEnumerable<ClientFrame> frames) => SendRawAsync(frames.SelectMany(frame => frame.Encode()).ToArray());

    public Task SendTextAsync(string text) => SendAsync(ClientFrame.Text(text));

    public Task SendBinaryAsync(params byte[] payload) => SendAsync(ClientFrame.Binary(payload));

    public Task SendPingAsync(params byte[] payload) => SendAsync(new ClientFrame(Opcode.Ping, payload));

    public Task SendPongAsync(params byte[] payload) => SendAsync(new ClientFrame(Opcode.Pong, payload));

    public Task SendCloseAsync(int code, string reason = "") => SendAsync(ClientFrame.Close(code, reason));

    /// <summary>Joins, and waits until the join is in force.</summary>
    public async Task JoinAsync(long group, long channel)
    {
        await SendTextAsync(FormattableString.Invariant($"{group},{channel}"));
        await SyncAsync();
    }

    public Task BroadcastAsync(string text) => SendTextAsync(":" + text);

    /// <summary>
    /// Waits until everything sent before has been handled. Frames of one connection are handled in order, so the pong shows that all earlier frames
    /// were handled. Messages that arrive meanwhile are kept for the next receive.
    /// </summary>
    public async Task SyncAsync(TimeSpan? timeout = null)
    {
        var payload = Encoding.ASCII.GetBytes($"sync {++_syncs}");
        await SendPingAsync(payload);
        while (true)
        {
            var frame = await ReadFrameAsync($"the pong of {Encoding.ASCII.GetString(payload)}", timeout);
            if (frame.IsPong && frame.Payload.AsSpan().SequenceEqual(payload))
            {
                return;
            }

            Require(!frame.IsClose && !frame.IsEnd, $"a pong expected, got {frame}");
            _inbox.Enqueue(frame);
        }
    }

    /// <summary>Returns the next frame, or the end of the stream (on every call, once it has ended).</summary>
    public Task<ServerFrame> ReceiveAsync(TimeSpan? timeout = null) => _inbox.TryDequeue(out var frame)
        ? Task.FromResult(frame)
        : ReadFrameAsync("the next frame", timeout);

    /// <summary>Returns the next message, which must be a text message.</summary>
    public async Task<string> ReceiveTextAsync(TimeSpan? timeout = null)
    {
        var frame = await ReceiveAsync(timeout);
        Require(frame is { IsText: true, Fin: true }, $"a text expected, got {frame}");
        return frame.Text;
    }

    /// <summary>Returns the texts that arrive before <paramref name="last"/>. Throws when <paramref name="last"/> does not arrive.</summary>
    public async Task<IReadOnlyList<string>> ReceiveTextsUntilAsync(string last, TimeSpan? timeout = null)
    {
        var texts = new List<string>();
        while (true)
        {
            var frame = await ReceiveAsync(timeout);
            Require(frame is { IsText: true, Fin: true }, $"the text \"{last}\" expected after {texts.Count} others, got {frame}");
            if (frame.Text == last)
            {
                return texts;
            }

            texts.Add(frame.Text);
        }
    }

    /// <summary>Skips messages until the close frame, answers it, and waits for the end of the stream.</summary>
    public async Task<CloseStatus> ReceiveCloseAsync(TimeSpan? timeout = null)
    {
        var status = await ReceiveCloseFrameAsync(timeout);
        await TrySendAsync(new ClientFrame(Opcode.Close, status.Code == CloseStatus.None ? [] : CloseStatus.Encode(status.Code, status.Reason)));
        await ReceiveEndAsync(timeout);
        return status;
    }

    /// <summary>Skips messages until the close frame, and does not answer it.</summary>
    public async Task<CloseStatus> ReceiveCloseFrameAsync(TimeSpan? timeout = null)
    {
        var skipped = 0;
        while (true)
        {
            var frame = await ReceiveAsync(timeout);
            Require(!frame.IsEnd, $"a close frame expected after {skipped} others, got {frame}");
            if (frame.IsClose)
            {
                return frame.Status;
            }

            skipped++;
        }
    }

    /// <summary>Returns how the stream ended. The end must be the next thing received.</summary>
    public async Task<StreamEnd> ReceiveEndAsync(TimeSpan? timeout = null)
    {
        var frame = await ReceiveAsync(timeout);
        Require(frame.IsEnd, $"the end of the stream expected, got {frame}");
        return frame.End;
    }

    /// <summary>Closes as a browser does: it sends a close frame, receives the echo, and waits for the end of the stream.</summary>
    public async Task CloseAsync(TimeSpan? timeout = null)
    {
        await SendCloseAsync(1000);
        await ReceiveCloseAsync(timeout);
    }

    /// <summary>Ends the connection with a reset, as the operating system of a crashed client does.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private static async ValueTask<Stream> WrapAsync(Socket socket, HandshakeOptions options, CancellationToken cancellationToken)
    {
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (!options.Tls)
        {
            return plain;
        }

        var tls = new SslStream(plain);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            },
            cancellationToken);
        return tls;
    }

    private async Task<ServerFrame> ReadFrameAsync(string phase, TimeSpan? timeout)
    {
        while (true)
        {
            var frame = await Deadline.RunAsync(phase, TakeFrameAsync, timeout, () => $"{_reader.Buffered.Length} bytes of it are there");
            if (!frame.IsPing || !AnswerPings)
            {
                return frame;
            }

            await TrySendAsync(new ClientFrame(Opcode.Pong, frame.Payload));
        }
    }

    private async ValueTask<ServerFrame> TakeFrameAsync(CancellationToken cancellationToken)
    {
        if (_end is not null)
        {
            return _end;
        }

        ServerFrame? frame;
        int consumed;
        while (!_frames.TryRead(_reader.Buffered, out frame, out consumed))
        {
            var end = await FillAsync(cancellationToken);
            if (end == StreamEnd.None)
            {
                continue;
            }

            if (end == StreamEnd.EndOfFile && !_reader.Buffered.IsEmpty)
            {
                throw new ProtocolViolationException($"the stream ended inside a frame, after {_reader.Buffered.Length} bytes of it");
            }

            return _end = ServerFrame.EndOf(end);
        }

        _reader.Consume(consumed);
        return frame!;
    }

    private async ValueTask<StreamEnd> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _reader.FillAsync(cancellationToken) ? StreamEnd.None : StreamEnd.EndOfFile;
        }
        catch (IOException)
        {
            return StreamEnd.Reset;
        }
    }

    // The body of a refusal says why.
    private async Task<HttpAnswer> WholeResponseAsync() => Response.Status is 0 or 101
        ? Response
        : await Deadline.RunAsync("the body of a refusal", async cancellationToken => await HttpAnswerReader.WithBodyAsync(_reader, Response, cancellationToken));

    private async Task TrySendAsync(ClientFrame frame)
    {
        try
        {
            await SendAsync(frame);
        }
        catch (IOException)
        {
            // The peer has closed the connection; the next read returns how.
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new UnexpectedFrameException(otherwise);
        }
    }
}
