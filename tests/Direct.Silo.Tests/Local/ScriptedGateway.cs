using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Direct.Testing.WebSockets;

namespace Direct.Silo.Tests.Local;

/// <summary>
/// Implements a gateway whose responses the test sets, and records the requests. It answers an upgrade with 101 and then echoes every byte. It
/// handles one request per connection.
/// </summary>
internal sealed partial class ScriptedGateway : IAsyncDisposable
{
    private const string HealthPath = "/readyz";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentBag<Task> _answering = [];
    private readonly Task _accepting;
    private int _checks;

    public ScriptedGateway(int port)
    {
        Port = port;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Gets or sets whether the health check reports ready.</summary>
    public bool IsReady { get; set; } = true;

    /// <summary>Gets or sets whether requests are read and their connections closed without a response.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Gets the number of health checks.</summary>
    public int Checks => Volatile.Read(ref _checks);

    /// <summary>Gets the heads of all requests except health checks.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Refuses connections from now on, and keeps the open ones.</summary>
    public void StopListening() => _listener.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_answering);
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _answering.Add(AnswerAsync(await _listener.AcceptAsync(_closed.Token)));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The gateway no longer listens.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var head = await ReadHeadAsync(stream);
            if (head.Contains(HealthPath, StringComparison.Ordinal))
            {
                await WriteAsync(stream, IsReady ? "200 OK" : "503 Service Unavailable", FormattableString.Invariant($"{Port}"));
                Interlocked.Increment(ref _checks);
                return;
            }

            _requests.Enqueue(head);
            if (head.Contains("upgrade: websocket", StringComparison.OrdinalIgnoreCase))
            {
                var accept = ProtocolClient.AcceptFor(Key().Match(head).Groups[1].Value);
                var upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
                await stream.WriteAsync(Encoding.Latin1.GetBytes($"{upgrade}Sec-WebSocket-Accept: {accept}\r\n\r\n"), _closed.Token);
                await stream.CopyToAsync(stream, _closed.Token);
            }
            else if (!IsSilent)
            {
                await WriteAsync(stream, "200 OK", head);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The caller has disconnected, or the test has ended.
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[64 * 1024];
        int count;
        do
        {
            count = await stream.ReadAsync(buffer, _closed.Token);
            head.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        while (count > 0 && !EndsAHead(head));
        return head.ToString();
    }

    [GeneratedRegex("sec-websocket-key: *([^\\s]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Key();

    private static bool EndsAHead(StringBuilder text) => text.Length >= 4 && text.ToString(text.Length - 4, 4) == "\r\n\r\n";

    private async Task WriteAsync(NetworkStream stream, string status, string body) => await stream.WriteAsync(
        Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), _closed.Token);
}
