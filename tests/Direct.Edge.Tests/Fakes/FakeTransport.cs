using Direct.Edge.Connections;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements an in-memory socket. It accepts as many bytes as <see cref="Room"/> allows, all by default, and records them.</summary>
internal sealed class FakeTransport : ITransportConnection
{
    private readonly Lock _gate = new();
    private readonly List<byte> _sent = [];
    private Connection? _connection;
    private bool _isGone;
    private int _room = int.MaxValue;

    /// <summary>Gets how many more bytes the socket accepts before <see cref="Open"/> is called; <see cref="int.MaxValue"/> means no limit.</summary>
    public int Room
    {
        get => Volatile.Read(ref _room);
        init => _room = value;
    }

    /// <summary>Gets whether the transport makes no callback after an abort.</summary>
    public bool IsSilentAfterAbort { get; init; }

    /// <summary>Gets or sets a callback that runs on the sending thread after a send.</summary>
    public Action? OnSent { get; set; }

    public bool IsGone => Volatile.Read(ref _isGone);

    /// <summary>Gets the number of aborts.</summary>
    public int Aborts { get; private set; }

    /// <summary>Gets the number of send calls.</summary>
    public int Sends { get; private set; }

    /// <summary>Gets all accepted bytes.</summary>
    public byte[] Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    /// <summary>Gets the accepted frames; throws when the last one is not whole.</summary>
    public List<ServerFrame> Frames => ServerBytes.Frames(Sent);

    public string[] Texts => ServerBytes.Texts(Sent);

    /// <summary>Gets the only close frame, or null.</summary>
    public CloseStatus? Close => ServerBytes.WholeFrames(Sent, out _).SingleOrDefault(frame => frame.IsClose)?.Status;

    public void Attach(Connection connection) => _connection = connection;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        var taken = Take(bytes);
        OnSent?.Invoke();
        return taken;
    }

    /// <summary>Accepts this many bytes more, as when the client has read.</summary>
    public void Open(int bytes = int.MaxValue)
    {
        lock (_gate)
        {
            _room = bytes == int.MaxValue ? bytes : _room + bytes;
        }

        _connection!.OnWritable();
    }

    /// <summary>Discards everything from now on, as when the client has reset TCP.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _isGone = true;
        }

        _connection!.OnWritable();
    }

    public void Abort()
    {
        lock (_gate)
        {
            Aborts++;
            _isGone = true;
        }

        if (IsSilentAfterAbort)
        {
            return;
        }

        // As with a real socket, the write under way fails, and nothing waits for space any more.
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.OnWritable(), _connection!, preferLocal: false);
    }

    /// <summary>Drops what it took, and the memory of it.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _sent.Clear();
            _sent.TrimExcess();
        }
    }

    /// <summary>Waits until this many texts have arrived.</summary>
    public async Task<string[]> TextsAsync(int count)
    {
        await Deadline.UntilAsync(
            $"{count} texts to connection {_connection?.Id}", () => Count() >= count, actual: () => $"{Count()} have come");
        return Texts;

        int Count() => ServerBytes.WholeFrames(Sent, out _).Count(frame => frame.IsText);
    }

    /// <summary>Waits until one text has arrived.</summary>
    public async Task<string> TextAsync() => Assert.Single(await TextsAsync(1));

    private int Take(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            Sends++;
            if (_isGone)
            {
                return bytes.Length;
            }

            var taken = Math.Min(bytes.Length, _room);
            _room -= _room == int.MaxValue ? 0 : taken;
            _sent.AddRange(bytes[..taken]);
            return taken;
        }
    }
}
