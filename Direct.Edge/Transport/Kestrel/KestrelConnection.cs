using System.Buffers;
using System.IO.Pipelines;
using Direct.Edge.Connections;
using Direct.Memory;
using Microsoft.AspNetCore.Connections.Features;

namespace Direct.Edge.Transport.Kestrel;

/// <summary>
/// Sends to a WebSocket of Kestrel: it writes to the output pipe, which Kestrel empties into the socket, within the same call if the socket has room.
/// </summary>
internal sealed class KestrelConnection(PipeWriter output, IConnectionLifetimeFeature lifetime, QueueAccount connections) : ITransportConnection
{
    private Action? _onFlushed;
    private ValueTask<FlushResult> _flush;
    private volatile bool _isFlushing;
    private int _heldBytes;
    private volatile bool _isGone;
    private Connection? _connection;

    public int HeldBytes => Volatile.Read(ref _heldBytes);

    bool ITransportConnection.IsGone => _isGone;

    public void Attach(Connection connection) => _connection = connection;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (_isGone)
        {
            return bytes.Length;
        }

        if (_isFlushing)
        {
            return 0;
        }

        try
        {
            output.Write(bytes);
            var flush = output.FlushAsync();
            if (flush.IsCompletedSuccessfully)
            {
                _isGone = flush.Result.IsCompleted;
                return bytes.Length;
            }

            _isFlushing = true;
            Volatile.Write(ref _heldBytes, bytes.Length);
            connections.Add(bytes.Length);
            _flush = flush;
            _flush.GetAwaiter().UnsafeOnCompleted(_onFlushed ??= OnFlushed);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            _isGone = true;
        }

        return bytes.Length;
    }

    public void Abort() => lifetime.Abort();

    private void OnFlushed()
    {
        try
        {
            _isGone = _flush.GetAwaiter().GetResult().IsCompleted;
        }
        catch (Exception exception) when (IsGone(exception))
        {
            _isGone = true;
        }

        connections.Add(-_heldBytes);
        Volatile.Write(ref _heldBytes, 0);
        _isFlushing = false;

        // Always on the thread pool: the pipe may complete within TrySend, while the queue that this would send from is in use.
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.OnWritable(), _connection!, preferLocal: true);
    }

    // The exceptions of a pipe whose other end or TLS stream has failed or been disposed.
    private static bool IsGone(Exception exception) =>
        exception is IOException or OperationCanceledException or InvalidOperationException;
}
