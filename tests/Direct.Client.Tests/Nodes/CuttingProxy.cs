using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Direct.Testing.Processes;

namespace Direct.Client.Tests.Nodes;

/// <summary>Forwards TCP connections to a node, and cuts them when a test says so: bytes that are under way in either direction are lost.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Socket, Socket> _connections = [];
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _target;
    private readonly Task _accepting;

    public CuttingProxy(int target)
    {
        _target = target;
        Port = FreePort.Take();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Resets every connection.</summary>
    public void Cut()
    {
        foreach (var (client, node) in _connections)
        {
            client.Close(0);
            node.Close(0);
        }

        _connections.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var copies = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_stopping.Token);
                var node = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await node.ConnectAsync(IPAddress.Loopback, _target);
                _connections[client] = node;
                copies.AddRange([CopyAsync(client, node), CopyAsync(node, client)]);
            }
        }
        catch (OperationCanceledException)
        {
            Cut();
            await Task.WhenAll(copies);
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[4096];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }
    }
}
