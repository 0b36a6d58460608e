namespace Direct.Edge.Transport.Loop;

/// <summary>Handles a descriptor that a loop watches. Only the loop's thread calls it.</summary>
internal interface ILoopSocket
{
    /// <summary>Handles events of the descriptor: <c>Epoll…</c> of <see cref="Libc"/>, at least one.</summary>
    void OnEvents(uint events);

    /// <summary>Runs after a call to <see cref="EventLoop.Post"/> or <see cref="EventLoop.PostAgain"/>.</summary>
    void OnPosted();

    /// <summary>Ends the descriptor after one of the other two methods has thrown.</summary>
    void OnError(Exception exception);
}
