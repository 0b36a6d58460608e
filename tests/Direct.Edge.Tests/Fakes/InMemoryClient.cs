using System.Text;
using Direct.Edge.Connections;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a client together with the read loop of the transport: the bytes that it sends are fed into the connection.</summary>
internal sealed class InMemoryClient(Connection connection, FakeTransport transport)
{
    private byte[] _input = [];

    public Connection Connection => connection;

    public FakeTransport Transport => transport;

    /// <summary>Gets the task of the end of the connection, once the client or the transport has ended it.</summary>
    public Task? Ending { get; private set; }

    /// <summary>Sends bytes, and waits until the connection has handled all of them, including waits for subscribes and for space.</summary>
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

    /// <summary>Sends the first message, which is the token.</summary>
    public Task EnterAsync(string token = "token") => SendTextAsync(token);

    public Task JoinAsync(long group, long channel) => SendTextAsync($"{group},{channel}");

    public Task BroadcastAsync(string text) => SendTextAsync(":" + text);

    /// <summary>Ends TCP without a close frame.</summary>
    public Task LoseAsync() => Ending ??= connection.EndAsync();

    /// <summary>Exchanges close frames, and waits until the connection has ended.</summary>
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
