using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Direct.Testing.Time;

namespace Direct.Client.Tests.Fakes;

/// <summary>Represents the gateway's side of one WebSocket.</summary>
internal sealed class ScriptedPeer(TcpClient client, WebSocket socket) : IDisposable
{
    /// <summary>Gets or sets the first message of the client.</summary>
    public string First { get; set; } = "";

    /// <summary>Gets the lines of the first message.</summary>
    public string[] FirstLines => First.Split('\n');

    public async Task SendAsync(params string[] frames)
    {
        foreach (var frame in frames)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
    }

    public Task<string> ReceiveAsync() => Deadline.RunAsync("a message of the client", async cancellationToken =>
    {
        var buffer = new byte[64 * 1024];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
        Assert.Equal((WebSocketMessageType.Text, true), (result.MessageType, result.EndOfMessage));
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    });

    /// <summary>Receives a line that ends with a ref, and returns the line without it, and the ref.</summary>
    public async Task<(string Line, string Ref)> ReceiveWithRefAsync()
    {
        var message = await ReceiveAsync();
        var (line, rest) = message.Split('\n', 2) is [var head, var text] ? (head, $"\n{text}") : (message, "");
        var at = line.LastIndexOf(" #", StringComparison.Ordinal);
        return (line[..at] + rest, line[(at + 2)..]);
    }

    public Task CloseAsync(int code, string reason = "") => socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);

    /// <summary>Waits for the client's close frame, and returns its code.</summary>
    public Task<int?> ReceiveCloseAsync() => Deadline.RunAsync("a close frame of the client", async cancellationToken =>
    {
        var result = await socket.ReceiveAsync(new byte[1024].AsMemory(), cancellationToken);
        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        return (int?)socket.CloseStatus;
    });

    /// <summary>Waits for the client's close frame, after any messages.</summary>
    public Task ReceiveUntilCloseAsync() => Deadline.RunAsync("a close frame of the client", async cancellationToken =>
    {
        while ((await socket.ReceiveAsync(new byte[1024].AsMemory(), cancellationToken)).MessageType != WebSocketMessageType.Close)
        {
        }
    });

    /// <summary>Breaks the connection without a close frame.</summary>
    public void Break()
    {
        client.Client.LingerState = new LingerOption(true, 0);
        client.Close();
    }

    public void Dispose()
    {
        socket.Dispose();
        client.Dispose();
    }
}
