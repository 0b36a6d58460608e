using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Client.Tests.Fakes;

/// <summary>Represents a gateway whose every frame a test writes. It accepts one connection after the other.</summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly List<ScriptedPeer> _peers = [];

    public ScriptedGateway()
    {
        var port = FreePort.Take();
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Url = new Uri($"ws://127.0.0.1:{port}/!direct?key=secret");
    }

    public Uri Url { get; }

    /// <summary>Accepts the next connection. By default it selects direct.2.</summary>
    public async Task<ScriptedPeer> AcceptAsync(bool direct2 = true)
    {
        var (client, key) = await AcceptRequestAsync();
        var selected = direct2 ? "Sec-WebSocket-Protocol: direct.2\r\n" : "";
#pragma warning disable CA5350 // RFC 6455 demands SHA-1
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes($"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{selected}Sec-WebSocket-Accept: {accept}\r\n\r\n"));
        var peer = new ScriptedPeer(client, WebSocket.CreateFromStream(client.GetStream(), new WebSocketCreationOptions { IsServer = true, SubProtocol = direct2 ? "direct.2" : null }));
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Accepts the next connection, reads its first message, and welcomes user 42.</summary>
    public async Task<ScriptedPeer> WelcomeAsync(int user = 42)
    {
        var peer = await AcceptAsync();
        peer.First = await peer.ReceiveAsync();
        await peer.SendAsync($"welcome {user} 1017 30");
        return peer;
    }

    /// <summary>Answers the next request with an HTTP status.</summary>
    public async Task RefuseAsync(int status)
    {
        var (client, _) = await AcceptRequestAsync();
        using (client)
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _peers.ForEach(peer => peer.Dispose());
        return ValueTask.CompletedTask;
    }

    private Task<(TcpClient Client, string Key)> AcceptRequestAsync() => Deadline.RunAsync("a client connects", async cancellationToken =>
    {
        var client = await _listener.AcceptTcpClientAsync(cancellationToken);
        var head = new StringBuilder();
        var bytes = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client.GetStream().ReadExactlyAsync(bytes, cancellationToken);
            head.Append((char)bytes[0]);
        }

        var lines = head.ToString().Split("\r\n").Select(line => line.Split(": ")).Where(line => line.Length == 2).ToLookup(line => line[0], line => line[1], StringComparer.OrdinalIgnoreCase);
        Assert.Equal("direct.2", lines["Sec-WebSocket-Protocol"].Single());
        return (client, lines["Sec-WebSocket-Key"].Single());
    });
}
