namespace Direct.Edge.Transport.Loop;

/// <summary>Something with a descriptor that a loop watches. Called on the loop's thread only; what it throws ends it.</summary>
internal interface ILoopSocket
{
    /// <summary>The kernel has something to say of the descriptor: <c>Epoll…</c> of <see cref="Libc"/>.</summary>
    void OnEvents(uint events);

    /// <summary>Somebody asked for this call by <see cref="EventLoop.Post"/>.</summary>
    void OnPosted();

    /// <summary>It threw.</summary>
    void OnFault(Exception exception);
}
