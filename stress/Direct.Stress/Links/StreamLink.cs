using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Direct.Stress.Links;

/// <summary>Represents a link of <see cref="StreamEngine"/>.</summary>
internal sealed class StreamLink(
    Target target,
    IPAddress? source,
    bool takesAnyCertificate,
    ILinkOwner owner,
    Action<StreamLink> forget) : Link, IDisposable
{
    private const int FirstBufferBytes = 4 * 1024;
    private const int MaxBufferBytes = 256 * 1024;

    private readonly Socket _socket = new(target.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly List<byte> _unsent = [];
    private Stream? _stream;
    private byte[] _buffer = new byte[FirstBufferBytes];
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private bool _isClosed;

    public void Start() => _receiving = RunAsync();

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        _unsent.AddRange(bytes);
        if (_stream is not null && _sending.IsCompleted && !_isClosed)
        {
            _sending = SendAsync(_stream);
        }
    }

    public override void Close()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            forget(this);
            _stream?.Dispose();
            _socket.Dispose();
        }
    }

    public void Dispose() => Close();

    private async Task RunAsync()
    {
        var doing = "connect";
        await Task.Yield(); // the owner is notified only after it has the link
        try
        {
            if (source is not null)
            {
                _socket.Bind(new IPEndPoint(source, 0));
            }

            await _socket.ConnectAsync(target.Address);
            doing = "TLS";
            _stream = target.IsTls ? await SecureAsync() : new NetworkStream(_socket);
            doing = "receive";
            owner.OnConnected();
            await ReceiveAsync(_stream);
            End(null);
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            End($"{doing}: {Describe(exception)}");
        }
    }

    private async Task<SslStream> SecureAsync()
    {
        var stream = new SslStream(new NetworkStream(_socket));
        var options = new SslClientAuthenticationOptions { TargetHost = target.Host };
        if (takesAnyCertificate)
        {
            options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        }

        await stream.AuthenticateAsClientAsync(options);
        return stream;
    }

    private async Task ReceiveAsync(Stream stream)
    {
        var kept = 0;
        while (!_isClosed)
        {
            var received = await stream.ReadAsync(_buffer.AsMemory(kept));
            if (received == 0 || _isClosed)
            {
                return;
            }

            var bytes = kept + received;
            var used = owner.OnReceived(_buffer.AsSpan(0, bytes), Stopwatch.GetTimestamp());
            kept = bytes - used;
            _buffer.AsSpan(used, kept).CopyTo(_buffer);
            if (bytes == _buffer.Length && bytes < MaxBufferBytes)
            {
                Array.Resize(ref _buffer, bytes * 2);
            }
            else if (kept == _buffer.Length)
            {
                throw new IOException("a frame that never ends");
            }
        }
    }

    /// <summary>Sends what waits, including what is queued meanwhile. A failure ends the connection, which receiving reports too.</summary>
    private async Task SendAsync(Stream stream)
    {
        try
        {
            while (_unsent.Count > 0 && !_isClosed)
            {
                var bytes = _unsent.ToArray();
                _unsent.Clear();
                await stream.WriteAsync(bytes);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // Never within Send: the first write may fail before anything is awaited.
            await Task.Yield();
            End($"send: {Describe(exception)}");
        }
    }

    private void End(string? error)
    {
        if (!_isClosed)
        {
            Close();
            owner.OnEnded(error);
        }
    }

    private static string Describe(Exception exception) => exception switch
    {
        { InnerException: SocketException socket } => socket.Message,
        { InnerException: AuthenticationException { } inner } => inner.Message,
        _ => exception.Message,
    };
}
