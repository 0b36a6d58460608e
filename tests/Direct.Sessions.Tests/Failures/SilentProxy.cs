using System.Net;
using System.Net.Sockets;
using Direct.Testing.Processes;

namespace Direct.Sessions.Tests.Failures;

/// <summary>
/// Forwards connections to a database. It can silence the open ones as a host without power does: they stay open and receive nothing. New connections
/// are forwarded, as to the host that has replaced the failed one.
/// </summary>
internal sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _targetPort;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private int _era;
    private int _connections;

    public SilentProxy(int targetPort)
    {
        _targetPort = targetPort;
        Port = FreePort.Take();
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Gets the number of connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Drops all bytes on the present connections, in both directions.</summary>
    public void Silence() => Interlocked.Increment(ref _era);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_sockets)
        {
            _sockets.ForEach(socket => socket.Dispose());
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        while (!_stopping.IsCancellationRequested)
        {
            var client = Keep(await _listener.AcceptSocketAsync(_stopping.Token));
            var server = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _targetPort), _stopping.Token);
            Interlocked.Increment(ref _connections);
            serving.Add(CopyAsync(client, server, _era));
            serving.Add(CopyAsync(server, client, _era));
        }

        await Task.WhenAll(serving);
    }

    private async Task CopyAsync(Socket from, Socket to, int era)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is > 0 and var count)
            {
                if (era == Volatile.Read(ref _era))
                {
                    await to.SendAsync(buffer.AsMemory(0, count), _stopping.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has closed the connection, or the test has ended.
        }
    }

    private Socket Keep(Socket socket)
    {
        lock (_sockets)
        {
            _sockets.Add(socket);
        }

        return socket;
    }
}
