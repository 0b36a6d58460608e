using System.Collections.Concurrent;
using Direct.Edge.Transport.Loop;

namespace Direct.Edge.Tests.Transport.Loop;

/// <summary>Implements a socket of a loop that runs callbacks of the test, and records its events and errors.</summary>
internal sealed class ActingSocket : ILoopSocket
{
    public Action<uint> Events { get; init; } = _ => { };

    public Action Posted { get; init; } = () => { };

    /// <summary>Gets the recorded events in order.</summary>
    public ConcurrentQueue<uint> Seen { get; } = new();

    public ConcurrentQueue<Exception> Errors { get; } = new();

    public void OnEvents(uint events)
    {
        Seen.Enqueue(events);
        Events(events);
    }

    public void OnPosted() => Posted();

    public void OnError(Exception exception) => Errors.Enqueue(exception);
}
