using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Direct.Stress.Tests.Protocol;
using Direct.Testing.Processes;

namespace Direct.Stress.Tests.Servers;

/// <summary>Implements a small server of the protocol that records received messages and injects faults into deliveries.</summary>
internal sealed partial class FaultyServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2? _certificate;
    private readonly Lock _gate = new();
    private readonly List<ServerConnection> _connections = [];
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;
    private long _messages;

    public FaultyServer(bool isSecure = false)
    {
        Port = FreePort.Take();
        _certificate = isSecure ? MakeCertificate() : null;
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Url => $"{(_certificate is null ? "ws" : "wss")}://127.0.0.1:{Port}/!direct";

    /// <summary>Gets or sets the fault of a delivery, by the number of the message (from 1) and of the receiver (from 0, in the order of their connections).</summary>
    public Func<long, int, Fault> Faults { get; set; } = static (_, _) => Fault.None;

    /// <summary>Gets or sets whether a connection, by its number, is refused with 503.</summary>
    public Func<int, bool> Refuses { get; set; } = static _ => false;

    /// <summary>Gets or sets the close code with which a text is answered; null handles the text.</summary>
    public Func<int, string, int?> Closes { get; set; } = static (_, _) => null;

    public int SignalStatus { get; set; } = 200;

    /// <summary>Gets the rooms of connections of direct.2.</summary>
    public Direct2Rooms Direct2 { get; } = new();

    /// <summary>Gets or sets whether only the original dialect is spoken.</summary>
    public bool LacksDirect2 { get; set; }

    /// <summary>Gets or sets whether pings are not answered.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Gets the connections in the order of their arrival, with their texts.</summary>
    public IReadOnlyList<ServerConnection> Connections
    {
        get
        {
            lock (_gate)
            {
                return [.. _connections];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        lock (_gate)
        {
            _connections.ForEach(static connection => connection.Dispose());
        }

        await Task.WhenAll(_serving);
        _listener.Dispose();
        _certificate?.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                client.NoDelay = true;
                _serving.Add(ServeAsync(client));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The server was stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var _ = client;
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsServerAsync(_certificate);
                stream = secure;
            }

            await ServeAsync(new ServerConnection(stream, ((IPEndPoint)client.Client.RemoteEndPoint!).Address));
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // The client has disconnected.
        }
    }

    private async Task ServeAsync(ServerConnection connection)
    {
        var (buffer, length) = (new byte[256 * 1024], 0);
        while (await connection.Stream.ReadAsync(buffer.AsMemory(length)) is > 0 and var read)
        {
            length += read;
            var used = connection.IsOpen
                ? TakeFrames(connection, buffer.AsSpan(0, length))
                : TakeRequests(connection, buffer.AsSpan(0, length));
            if (used < 0)
            {
                return;
            }

            buffer.AsSpan(used, length - used).CopyTo(buffer);
            length -= used;
        }
    }

    private int TakeRequests(ServerConnection connection, ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (!connection.IsOpen && bytes[used..].IndexOf("\r\n\r\n"u8) is >= 0 and var end)
        {
            var head = Encoding.ASCII.GetString(bytes.Slice(used, end + 2));
            used += end + 4;
            if (SignalLine().Match(head) is { Success: true } signal)
            {
                connection.Write(Encoding.ASCII.GetBytes($"HTTP/1.1 {SignalStatus} X\r\nContent-Length: 2\r\n\r\n{{}}"));
                if (SignalStatus == 200)
                {
                    Deliver(
                        long.Parse(signal.Groups[1].ValueSpan),
                        long.Parse(signal.Groups[2].ValueSpan),
                        Encoding.ASCII.GetBytes(signal.Groups[3].Value));
                }
            }
            else if (!Open(connection, head))
            {
                return -1;
            }
        }

        return used + (connection.IsOpen ? TakeFrames(connection, bytes[used..]) : 0);
    }

    private bool Open(ServerConnection connection, string head)
    {
        lock (_gate)
        {
            connection.Number = _connections.Count;
            _connections.Add(connection);
        }

        if (Refuses(connection.Number))
        {
            connection.Write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            return false;
        }

        var key = KeyLine().Match(head).Groups[1].Value;
#pragma warning disable CA5350 // RFC 6455 names SHA-1
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        connection.IsDirect2 = !LacksDirect2 && head.Contains("Sec-WebSocket-Protocol: direct.2\r\n", StringComparison.Ordinal);
        var protocol = connection.IsDirect2 ? "Sec-WebSocket-Protocol: direct.2\r\n" : "";
        connection.Write(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{protocol}\r\n"));
        connection.IsOpen = true;
        return true;
    }

    private int TakeFrames(ServerConnection connection, ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (ClientFrames.Read(bytes[used..], out var opcode, out var payload) is > 0 and var length)
        {
            used += length;
            switch (opcode)
            {
                case 1 when Closes(connection.Number, Encoding.UTF8.GetString(payload)) is { } code:
                    connection.Write(Frames.Make(8, [(byte)(code >> 8), (byte)code, .. "enough"u8]));
                    break;
                case 1:
                    TakeText(connection, Encoding.UTF8.GetString(payload));
                    break;
                case 8:
                    connection.Said("close");
                    connection.Write(Frames.Make(8, payload));
                    return -1;
                case 9 when !IsDeaf:
                    connection.Write(Frames.Make(10, payload));
                    break;
            }
        }

        return used;
    }

    private void TakeText(ServerConnection connection, string text)
    {
        lock (_gate)
        {
            connection.Said(text);
            if (connection.IsDirect2)
            {
                Direct2.Take(connection, text, (room, said) => DeliverDirect2(room, said), _messages + 1);
            }
            else if (text.StartsWith(':'))
            {
                Deliver(connection.Group, connection.Channel, Encoding.UTF8.GetBytes(text[1..]));
            }
            else if (connection.Texts.Count > 1)
            {
                var fields = text.Split(',');
                (connection.Group, connection.Channel) = (long.Parse(fields[0]), long.Parse(fields[1]));
            }
        }
    }

    private void Deliver(long group, long channel, byte[] text)
    {
        lock (_gate)
        {
            var message = ++_messages;
            var frame = Frames.Make(1, text);
            foreach (var receiver in _connections.Where(receiver => receiver.Group == group && receiver.Channel == channel))
            {
                receiver.Deliver(frame, Faults(message, receiver.Number));
            }

            Direct2.Deliver($"{group},{channel}", Encoding.UTF8.GetString(text), receiver => Faults(message, receiver));
        }
    }

    private void DeliverDirect2(string room, string text)
    {
        var message = ++_messages;
        Direct2.Deliver(room, text, receiver => Faults(message, receiver));
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    [GeneratedRegex(@"^GET /!direct-signal\?part=(\d+),(\d+),0&message=(\S+) HTTP/1\.1\r\n")]
    private static partial Regex SignalLine();

    [GeneratedRegex(@"Sec-WebSocket-Key: (\S+)\r\n")]
    private static partial Regex KeyLine();
}
