using Direct.Edge.Connections;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Transport.Loop;

/// <summary>Creates the loops of this node when the first one is needed, and distributes sockets over them.</summary>
internal sealed class EventLoops(IOptions<EndpointOptions> options, IOptions<ConnectionOptions> connections) : IDisposable
{
    // The size of one read: large enough for few reads, and small enough for the processor's cache while it is parsed.
    private const int ReadBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private EventLoop[] _loops = [];
    private bool _isDisposed;
    private uint _next;

    /// <summary>Returns the loop for the next socket. Thread-safe.</summary>
    public EventLoop Next()
    {
        var loops = Volatile.Read(ref _loops);
        loops = loops.Length > 0 ? loops : Start();
        return loops[(Interlocked.Increment(ref _next) - 1) % (uint)loops.Length];
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var loop in _loops)
            {
                loop.Dispose();
            }

            _loops = [];
        }
    }

    private EventLoop[] Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_loops.Length == 0)
            {
                var inputBytes = FrameReader.MaxHeaderBytes + connections.Value.LargestMessageBytes + ReadBytes; // after the start of a frame there is room for a full read
                _loops = [.. Enumerable.Range(1, options.Value.LoopCount).Select(number => new EventLoop($"Direct loop {number}", inputBytes))];
            }

            return _loops;
        }
    }
}
