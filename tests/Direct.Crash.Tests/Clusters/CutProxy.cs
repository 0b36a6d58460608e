using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Direct.Crash.Tests.Clusters;

/// <summary>
/// Forwards connections from a port that a silo advertises to the port that it listens on, or to the database. It can hold back all bytes from or to
/// one process, as a network partition does: connections stay open, and the bytes arrive when the partition ends.
/// </summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly int _targetPort;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Pipe> _pipes = [];
    private readonly Dictionary<int, Cut> _cuts = [];
    private readonly Task _accepting;

    public CutProxy(int port, int targetPort)
    {
        _targetPort = targetPort;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Cuts the connections of one process in the given directions, or restores them.</summary>
    public void Set(int pid, Cut cut)
    {
        lock (_pipes)
        {
            _cuts[pid] = cut;
            foreach (var pipe in _pipes.Where(pipe => pipe.Pid == pid))
            {
                pipe.ToSilo.Set(!cut.HasFlag(Cut.ToSilo));
                pipe.ToGateway.Set(!cut.HasFlag(Cut.ToGateway));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_pipes)
        {
            _pipes.ForEach(pipe => pipe.Dispose());
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var client = await _listener.AcceptSocketAsync(_stopping.Token);
            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var pipe = new Pipe(client) { Pid = OwnerOf(((IPEndPoint)client.RemoteEndPoint!).Port) };
        lock (_pipes)
        {
            _pipes.Add(pipe);
            var cut = _cuts.GetValueOrDefault(pipe.Pid);
            pipe.ToSilo.Set(!cut.HasFlag(Cut.ToSilo));
            pipe.ToGateway.Set(!cut.HasFlag(Cut.ToGateway));
        }

        try
        {
            await pipe.Silo.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _targetPort), _stopping.Token);
            await Task.WhenAny(
                CopyAsync(pipe.Client, pipe.Silo, pipe.ToSilo),
                CopyAsync(pipe.Silo, pipe.Client, pipe.ToGateway));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The silo does not listen: the gateway's connection ends too.
        }

        lock (_pipes)
        {
            _pipes.Remove(pipe);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Valve valve)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, _stopping.Token);
                await valve.OpenAsync(_stopping.Token); // a partition also holds back the bytes under way and the end of the stream
                if (count == 0)
                {
                    return;
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stopping.Token);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await valve.OpenAsync(CancellationToken.None).WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Returns the process whose socket has this local port. It is found by the socket's inode, which is a link in the process's list of open files.
    private static int OwnerOf(int localPort)
    {
        var needle = string.Create(CultureInfo.InvariantCulture, $":{localPort:X4}");
        var inode = File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6")).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(fields => fields[1].EndsWith(needle, StringComparison.Ordinal))?[9];
        if (inode is null)
        {
            return 0;
        }

        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), out var pid) && Holds(process, $"socket:[{inode}]"))
            {
                return pid;
            }
        }

        return 0;
    }

    private static bool Holds(string process, string link)
    {
        try
        {
            return Directory.EnumerateFiles($"{process}/fd").Any(file => File.ResolveLinkTarget(file, false)?.Name == link || new FileInfo(file).LinkTarget == link);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // the process ended meanwhile, or belongs to another user
        }
    }

    private sealed class Pipe(Socket client) : IDisposable
    {
        public int Pid { get; init; }

        public Socket Client => client;

        public Socket Silo { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public Valve ToSilo { get; } = new();

        public Valve ToGateway { get; } = new();

        public void Dispose()
        {
            client.Dispose();
            Silo.Dispose();
        }
    }

    private sealed class Valve
    {
        private volatile TaskCompletionSource _open = Opened();

        public void Set(bool isOpen)
        {
            if (isOpen)
            {
                _open.TrySetResult();
            }
            else if (_open.Task.IsCompleted)
            {
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public Task OpenAsync(CancellationToken cancellationToken) => _open.Task.WaitAsync(cancellationToken);

        private static TaskCompletionSource Opened()
        {
            var source = new TaskCompletionSource();
            source.SetResult();
            return source;
        }
    }
}
