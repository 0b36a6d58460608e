using System.Text;
using Direct.Edge.Connections;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a client and the transport's reading loop in one: what it sends goes into the connection as a transport would feed it.</summary>
internal sealed class InMemoryClient(Connection connection, FakeTransport transport)
{
    private byte[] _input = [];

    public Connection Connection => connection;

    public FakeTransport Transport => transport;

    /// <summary>Gets the connection's last call, once the client or the transport has ended it.</summary>
    public Task? Ending { get; private set; }

    /// <summary>Completes when everything has been handled, however long that was held back.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        _input = [.. _input, .. bytes.Span];
        while (true)
        {
            var reception = connection.Receive(_input);
            _input = _input[reception.Consumed..];
            if (reception.Pending is null)
            {
                break;
            }

            await reception.Pending;
        }

        if (connection.IsFinished)
        {
            Ending ??= connection.EndAsync();
        }
    }

    public Task SendAsync(params IEnumerable<ClientFrame> frames) => SendAsync(Bytes(frames));

    public Task SendTextAsync(string text) => SendAsync(ClientFrame.Text(text));

    /// <summary>Sends the first message, with any text.</summary>
    public Task EnterAsync(string token = "token") => SendTextAsync(token);

    public Task JoinAsync(long group, long channel) => SendTextAsync($"{group},{channel}");

    public Task BroadcastAsync(string text) => SendTextAsync(":" + text);

    /// <summary>TCP ends without a word.</summary>
    public Task LoseAsync() => Ending ??= connection.EndAsync();

    /// <summary>Both close frames, and the end of it.</summary>
    public async Task CloseAsync()
    {
        await SendAsync(ClientFrame.Close(1000));
        await EndedAsync();
    }

    public Task EndedAsync() => Deadline.RunAsync(
        $"the end of connection {connection.Id}",
        token => new ValueTask((Ending ?? Task.CompletedTask).WaitAsync(token)),
        actual: () => $"{connection.CloseReason}");

    public static byte[] Bytes(params IEnumerable<ClientFrame> frames) => [.. frames.SelectMany(frame => frame.Encode())];

    public static ClientFrame Ping(string payload) => new(Opcode.Ping, Encoding.UTF8.GetBytes(payload));
}
