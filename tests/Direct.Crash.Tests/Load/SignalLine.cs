using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Direct.Crash.Tests.Load;

/// <summary>
/// Represents one HTTP connection of a backend to one gateway. It does not use HttpClient, which repeats a request by itself when a connection turns
/// out to be dead: a test must know about every attempt.
/// </summary>
internal sealed class SignalLine(int port) : IDisposable
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Socket? _socket;
    private int _filled;

    /// <summary>Opens the connection if there is none. Returns false when that failed: then nothing was sent.</summary>
    public async Task<bool> TryConnectAsync()
    {
        if (_socket is not null)
        {
            return true;
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            _socket = socket;
            _filled = 0;
            return true;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
    }

    /// <summary>Sends one signal on the open connection, and stops waiting for its response after the timeout.</summary>
    public async Task<SignalAnswer> SendAsync(string part, string message, string? id, TimeSpan timeout)
    {
        var request = $"GET /!direct-signal?part={part}&message={message}{(id is null ? "" : "&id=" + id)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n";
        return await ExchangeAsync(request, timeout) is { Body: var body, Status: var status } ? Read(status, body) : SignalAnswer.None;
    }

    /// <summary>Sends many signals at once, as a JSON array.</summary>
    public async Task<bool> SendAllAsync(IEnumerable<(string Part, string Message)> signals, TimeSpan timeout)
    {
        var body = JsonSerializer.Serialize(signals.Select(signal => new { part = signal.Part, message = signal.Message }));
        var request = string.Create(CultureInfo.InvariantCulture,
            $"POST /!direct-signal HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        return await ExchangeAsync(request, timeout) is { Status: 200 };
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async Task<(int Status, ReadOnlyMemory<byte> Body)?> ExchangeAsync(string request, TimeSpan timeout)
    {
        using var late = new CancellationTokenSource(timeout);
        try
        {
            await _socket!.SendAsync(Encoding.ASCII.GetBytes(request), late.Token);
            return await ReadAsync(late.Token);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Dispose();
            return null;
        }
    }

    private async Task<(int Status, ReadOnlyMemory<byte> Body)?> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = _buffer;
        while (true)
        {
            if (TryParse(buffer.AsSpan(0, _filled), out var status, out var bodyAt, out var end, out var isLast))
            {
                _filled = 0; // one request at a time: no bytes follow the response
                if (isLast)
                {
                    Dispose();
                }

                return (status, buffer.AsMemory(bodyAt, end - bodyAt));
            }

            if (_filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var count = await _socket!.ReceiveAsync(buffer.AsMemory(_filled), cancellationToken);
            if (count == 0)
            {
                Dispose();
                return null;
            }

            _filled += count;
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out int status, out int bodyAt, out int end, out bool isLast)
    {
        (status, bodyAt, end, isLast) = (0, 0, 0, false);
        var headEnd = text.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        var head = Encoding.ASCII.GetString(text[..headEnd]);
        status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        isLast = head.Contains("\r\nConnection: close", StringComparison.OrdinalIgnoreCase);
        bodyAt = headEnd + 4;
        const string Length = "\r\nContent-Length: ";
        var lengthAt = head.IndexOf(Length, StringComparison.OrdinalIgnoreCase);
        var length = head.AsSpan(lengthAt + Length.Length);
        var lineEnd = length.IndexOf('\r');
        end = bodyAt + int.Parse(lineEnd < 0 ? length : length[..lineEnd], CultureInfo.InvariantCulture);
        return end <= text.Length;
    }

    private static SignalAnswer Read(int status, ReadOnlyMemory<byte> body)
    {
        if (status is not (200 or 202))
        {
            return new SignalAnswer(status, 0, 0, []);
        }

        using var json = JsonDocument.Parse(body);
        var receipt = json.RootElement;
        return new SignalAnswer(
            status,
            receipt.GetProperty("delivered").GetInt32(),
            receipt.GetProperty("gateways").GetInt32(),
            receipt.TryGetProperty("pending", out var pending) ? [.. pending.EnumerateArray().Select(name => name.GetString()!)] : []);
    }
}
