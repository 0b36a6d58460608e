using System.Text;

namespace Direct.Client;

/// <summary>
/// Speaks the original dialect: one room, no confirmations, no positions. A join is in force before the next message, so a room is live at once. A broadcast counts as accepted when it is
/// handed to the socket, and is not repeated, because a repeat would be delivered twice.
/// </summary>
internal sealed class OriginalSession(ClientState state, ClientSocket socket) : Session(state, socket)
{
    private const int MaxMessageBytes = 512;

    public override void Begin(string token)
    {
        State.Positions.Clear();
        State.User = null;
        Socket.Send(token);
        State.Rooms.ForEach(Join);
    }

    public override void Join(RoomMembership membership)
    {
        if (State.Rooms.Exists(other => other != membership))
        {
            State.Remove(membership, new DirectException($"Room {membership.Room} was not joined: the gateway speaks the original dialect, which has one room at a time.", CloseCode.RoomLimit, null));
            return;
        }

        Socket.Send(membership.Room.ToString(), isJoin: true);
        membership.BecomeLive();
        SayWaiting(membership.Room);
    }

    public override Task LeaveAsync(DirectRoom room)
    {
        Socket.Send("0,0", isJoin: true);
        return Task.CompletedTask;
    }

    public override void Say(PendingSay say)
    {
        if (State.Find(say.Room) is not { IsLive: true })
        {
            return;
        }

        if (say.SentAs is not null)
        {
            State.Remove(say, Uncertain(say));
            return;
        }

        var text = $":{say.Text}";
        if (Encoding.UTF8.GetByteCount(text) > MaxMessageBytes)
        {
            State.Remove(say, new DirectException($"The text is too long: the original dialect, which the gateway speaks, has at most {MaxMessageBytes} bytes.", CloseCode.MessageTooBig, null));
            return;
        }

        Socket.Send(text);
        State.Remove(say);
    }

    public override ValueTask HandleAsync(string message, CancellationToken cancellationToken) => PublishAsync(new DirectMessage(null, message), cancellationToken);
}
