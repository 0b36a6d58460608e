using System.Text;

namespace Direct.Client;

/// <summary>Speaks direct.2: many rooms, positions, and broadcasts that are confirmed.</summary>
/// <param name="state">What the connection keeps while it reconnects.</param>
/// <param name="socket">The connection to a gateway.</param>
/// <param name="options">The options of the connection.</param>
/// <param name="joinsLater">Whether all rooms are joined after the first message, because a gateway has closed the connection for sending too much.</param>
/// <param name="welcomed">Called when the gateway has accepted the token.</param>
internal sealed class Direct2Session(ClientState state, ClientSocket socket, DirectConnectionOptions options, bool joinsLater, Func<CancellationToken, ValueTask> welcomed)
    : Session(state, socket)
{
    // As many as a gateway allows by default. With their positions they make 403 lines and 33 KB, which is within its limits of a first message (404 lines, 64 KiB).
    private const int MaxRoomsOfFirstMessage = 100;

    private readonly Dictionary<string, TaskCompletionSource> _leaving = [];
    private readonly Backoff _backoff = new(options.ReconnectDelay, options.MaxReconnectDelay, options.Random);
    private bool _ended;

    public override void Begin(string token)
    {
        State.ForgetPositions();
        var first = new StringBuilder($"auth {token}");
        foreach (var (part, position) in State.Positions.OfNoRoom())
        {
            first.Append($"\nsince {part} {position}");
        }

        var count = joinsLater ? 0 : MaxRoomsOfFirstMessage;
        var named = new HashSet<DirectPart>();
        foreach (var membership in State.Rooms.Take(count))
        {
            first.Append('\n').AppendJoin('\n', JoinLines(membership, named));
        }

        Socket.Send(first.ToString());
        State.Rooms.Skip(count).ToList().ForEach(Join);
    }

    // A gateway ignores the positions of topics that the connection receives already.
    public override void Join(RoomMembership membership)
    {
        var lines = JoinLines(membership, []);
        Socket.Send(string.Join('\n', lines), lines.Count, isJoin: true);
    }

    public override Task LeaveAsync(DirectRoom room)
    {
        var reference = State.NextRef();
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _leaving.Add(reference, left);
        Socket.Send($"leave {room} #{reference}");
        return left.Task;
    }

    public override void Say(PendingSay say)
    {
        if (State.Find(say.Room) is not { IsLive: true })
        {
            return;
        }

        if (say.SentAs is { } user && user != State.User)
        {
            State.Remove(say, Uncertain(say));
        }
        else
        {
            (say.SentAs, say.Ref) = (State.User, State.NextRef());
            Socket.Send($"say {say.Room} id={say.Id} #{say.Ref}\n{say.Text}");
        }
    }

    public override void End()
    {
        _ended = true;
        base.End();
        foreach (var left in _leaving.Values)
        {
            left.TrySetResult();
        }
    }

    public override async ValueTask HandleAsync(string message, CancellationToken cancellationToken)
    {
        switch (ServerFrame.Parse(message))
        {
            case ServerFrame.Message(var part, var position, var text):
                await PublishAsync(new DirectMessage(part, text), cancellationToken).ConfigureAwait(false);
                Remember(part, position);
                break;
            case ServerFrame.Gap(var part, var position):
                await PublishAsync(new DirectGap(part), cancellationToken).ConfigureAwait(false);
                Remember(part, position);
                break;
            case ServerFrame.At(var part, var position):
                Remember(part, position);
                break;
            case ServerFrame.Welcome(var user):
                if (Enter(user))
                {
                    await welcomed(cancellationToken).ConfigureAwait(false);
                }

                break;
            case ServerFrame.Joined joined when BecomeLive(joined):
                await PublishAsync(new DirectRoomJoined(joined.Room), cancellationToken).ConfigureAwait(false);
                break;
            case ServerFrame.Left left when TakeAway(left) is { } lost:
                await PublishAsync(lost, cancellationToken).ConfigureAwait(false);
                break;
            case ServerFrame.Ok(var reference):
                Confirm(reference);
                break;
            case ServerFrame.Error { Ref: { } reference } error when Refuse(reference, error) is { } lost:
                await PublishAsync(lost, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    // Returns false if the gateway does not know the token of a signed-in user any more, and a newer one may be had.
    private bool Enter(long user)
    {
        lock (State.Gate)
        {
            if (user < 0 && State.User > 0 && State.MayRenewToken)
            {
                Rejection = new SessionEnd(CloseCode.SessionExpired, "The gateway does not know the token any more.");
                return false;
            }

            State.User = user;
            State.ForgetPositions();
            return true;
        }
    }

    // Returns the join, after the positions of its topics that the message does not name yet.
    private List<string> JoinLines(RoomMembership membership, HashSet<DirectPart> named)
    {
        membership.Ref = State.NextRef();
        return
        [
            .. State.Positions.Of(membership.Room).Where(topic => named.Add(topic.Part)).Select(static topic => $"since {topic.Part} {topic.Position}"),
            $"join {membership.Room} #{membership.Ref}",
        ];
    }

    private void Remember(DirectPart part, string position)
    {
        lock (State.Gate)
        {
            State.Positions.Set(part, position);
        }
    }

    private bool BecomeLive(ServerFrame.Joined joined)
    {
        lock (State.Gate)
        {
            if (State.Find(joined.Room) is not { } membership || membership.Ref != joined.Ref)
            {
                return false;
            }

            membership.BecomeLive();
            SayWaiting(joined.Room);
            return true;
        }
    }

    private DirectRoomLost? TakeAway(ServerFrame.Left left)
    {
        lock (State.Gate)
        {
            if (left.Ref is { } reference && _leaving.Remove(reference, out var waiting))
            {
                waiting.TrySetResult();
            }

            return left.Code is { } code && State.Find(left.Room) is { } membership ? JoinLaterOrLose(membership, code, left.Text) : null;
        }
    }

    private void Confirm(string reference)
    {
        lock (State.Gate)
        {
            if (State.Says.Find(say => say.Ref == reference) is { } say)
            {
                State.Remove(say);
            }
        }
    }

    private DirectRoomLost? Refuse(string reference, ServerFrame.Error error)
    {
        lock (State.Gate)
        {
            if (State.Says.Find(say => say.Ref == reference) is { } say)
            {
                SayLaterOrFail(say, error);
            }
            else if (State.Rooms.Find(room => room.Ref == reference) is { } membership)
            {
                return JoinLaterOrLose(membership, error.Code, error.Text);
            }
            else if (_leaving.Remove(reference, out var waiting))
            {
                waiting.TrySetResult(); // a room that is not joined has been left
            }

            return null;
        }
    }

    private DirectRoomLost? JoinLaterOrLose(RoomMembership membership, int code, string text)
    {
        if (!CloseCode.MayRepeat(code))
        {
            State.Remove(membership, new DirectException($"The gateway refused room {membership.Room} with {code}: {text}", code, text));
            return new DirectRoomLost(membership.Room, code, text);
        }

        membership.Suspend();
        membership.Repeat = After(membership.Failures++, () =>
        {
            if (State.Rooms.Contains(membership))
            {
                Join(membership);
            }
        });
        return null;
    }

    private void SayLaterOrFail(PendingSay say, ServerFrame.Error error)
    {
        if (!CloseCode.MayRepeat(error.Code))
        {
            State.Remove(say, new DirectException($"The gateway refused the broadcast to {say.Room} with {error.Code}: {error.Text}", error.Code, error.Text) { Id = say.Id });
            return;
        }

        say.Repeat = After(say.Failures++, () =>
        {
            if (State.Says.Contains(say))
            {
                (say.Repeat, say.Ref) = (null, null);
                Say(say);
            }
        });
    }

    // Runs the action under the gate, unless the connection has ended.
    private ITimer After(int failures, Action action) => options.TimeProvider.CreateTimer(
        _ =>
        {
            lock (State.Gate)
            {
                if (!_ended)
                {
                    action();
                }
            }
        },
        null,
        _backoff.Next(failures),
        Timeout.InfiniteTimeSpan);
}
