namespace Direct.Edge.Transport.Loop;

/// <summary>Handles a descriptor that a loop watches. The loop's thread alone calls it.</summary>
internal interface ILoopSocket
{
    /// <summary>Handles events of the descriptor: <c>Epoll…</c> of <see cref="Libc"/>, at least one.</summary>
    void OnEvents(uint events);

    /// <summary>Does what somebody asked for by <see cref="EventLoop.Post"/> or <see cref="EventLoop.PostAgain"/>.</summary>
    void OnPosted();

    /// <summary>Ends the descriptor, because one of the other two threw.</summary>
    void OnError(Exception exception);
}
