namespace Direct.Client;

/// <summary>
/// Speaks one dialect on one connection to a gateway. All methods except <see cref="HandleAsync"/> are called under the gate of <see cref="ClientState"/>, and only send to the outbox of the
/// socket.
/// </summary>
internal abstract class Session(ClientState state, ClientSocket socket)
{
    protected ClientState State => state;

    protected ClientSocket Socket => socket;

    /// <summary>Gets why the client ends this connection by itself; null if it goes on.</summary>
    public SessionEnd? Rejection { get; protected set; }

    /// <summary>Sends the token, and joins the rooms that the application wants to be in.</summary>
    public abstract void Begin(string token);

    /// <summary>Joins a room that has been added to the state.</summary>
    public abstract void Join(RoomMembership membership);

    /// <summary>Leaves a room that has been removed from the state. The task ends when the gateway has confirmed it, or the connection has ended.</summary>
    public abstract Task LeaveAsync(DirectRoom room);

    /// <summary>Sends a broadcast if its room is live; otherwise it is sent when the room becomes live.</summary>
    public abstract void Say(PendingSay say);

    /// <summary>Handles a message of the gateway. It waits while too many events are unread.</summary>
    public abstract ValueTask HandleAsync(string message, CancellationToken cancellationToken);

    /// <summary>Marks all rooms and broadcasts as to be sent again.</summary>
    public virtual void End()
    {
        state.Rooms.ForEach(static membership => membership.Reset());
        state.Says.ForEach(static say => say.Reset());
    }

    /// <summary>Returns the failure of a broadcast that may have been delivered, and would be delivered twice if it was sent again.</summary>
    protected static DirectException Uncertain(PendingSay say) => new(
        $"The connection was lost before the broadcast to {say.Room} was confirmed, so it may have been delivered. The new connection has another user or the original dialect, so it is not sent again.")
    {
        Id = say.Id,
        Failure = DirectFailure.Uncertain,
    };

    protected ValueTask PublishAsync(DirectEvent happened, CancellationToken cancellationToken) => state.Events.Writer.WriteAsync(happened, cancellationToken);

    /// <summary>Sends the broadcasts to a room that have waited until it is live.</summary>
    protected void SayWaiting(DirectRoom room)
    {
        foreach (var say in state.Says.FindAll(say => say.Room == room && say.Ref is null && say.Repeat is null))
        {
            Say(say);
        }
    }
}
