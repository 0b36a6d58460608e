using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Memory;
using Direct.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>
/// Carries out the commands of clients that speak <c>direct.2</c>. A message is a list of lines; docs/protocol2.md describes them. A line that is
/// refused is answered by an error, and the lines after it run nevertheless.
/// </summary>
/// <remarks>
/// Nothing more is read from the client until all lines of a message are done. A few joins of a message wait for the cluster together. Each of them
/// makes up to three calls to the cluster, and all connections of a gateway share a bounded number of calls, so more would let one client delay the
/// joins of others.
/// </remarks>
internal sealed class LineHandler(
    IdentityResolver identities,
    Login login,
    RoomJoin roomJoin,
    RoomRights rights,
    TopicSubscriptions subscriptions,
    BroadcastPublisher broadcasts,
    Admission admission,
    QueueBudget queues,
    IOptions<ConnectionOptions> options,
    GatewayMetrics metrics,
    TimeProvider timeProvider)
{
    // A message of this length may take a reading thread longer than others should wait.
    private const int LongMessageBytes = 1024;

    /// <summary>Specifies the number of joins of one connection that may wait for the cluster together.</summary>
    public const int MaxJoinsInProgress = 8;

    // How long a message that is accepted waits for gateways that may refuse its id.
    private static readonly TimeSpan RefusalPatience = TimeSpan.FromSeconds(1);

    // How often a join asks again whether the limit of its address allows it.
    private static readonly TimeSpan AddressPause = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionOptions _options = options.Value;

    private static CloseReason ExpectedAuth { get; } = CloseReason.InvalidCommand with { Text = "expected 'auth <token>' in the first line" };

    // As many as a client needs: its token, the positions, the joins, and something to say.
    private int MaxFirstLines => _options.MaxSince + _options.MaxRooms + 2;

    /// <summary>Handles one message. Completes when the next one may be read.</summary>
    /// <param name="connection">The connection that received the message.</param>
    /// <param name="message">The message, valid UTF-8 if it is text. It is valid only during the call, and is copied if there is a wait.</param>
    /// <param name="isText">Whether it is a text message.</param>
    public ValueTask HandleAsync(Connection connection, ReadOnlyMemory<byte> message, bool isText)
    {
        if (!isText && connection.IsIdentified)
        {
            Refuse(connection, CommandError.BinaryFrame, "-"u8, default, default);
            return default;
        }

        return isText
            ? new ValueTask(connection.IsIdentified ? RunAsync(connection, message, isFirst: false) : BeginAsync(connection, message.ToArray()))
            : Close(connection, ExpectedAuth);
    }

    private static ValueTask Close(Connection connection, CloseReason reason)
    {
        connection.BeginClose(reason);
        return default;
    }

    private static void Refuse(Connection connection, CommandError error, ReadOnlySpan<byte> verb, RoomId room, ReadOnlySpan<byte> reference) =>
        connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Error(error, verb, room, reference));

    private static void Refuse(Connection connection, CommandError error, in CommandLine line) =>
        Refuse(connection, error, line.Word, new RoomId(line.Group, line.Channel), line.Reference);

    // Removes the first line, and its line feed, from the rest of a message.
    private static ReadOnlyMemory<byte> TakeLine(ref ReadOnlyMemory<byte> rest)
    {
        var end = rest.Span.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return line;
    }

    // Copies the rest of a message before the first wait.
    private static void Copy(ref ReadOnlyMemory<byte> rest, ref bool isCopied)
    {
        if (!isCopied)
        {
            (rest, isCopied) = (rest.ToArray(), true);
        }
    }

    // The first message, which is long and waits for the session store and the cluster. Its copy counts for the memory budget meanwhile.
    private async Task BeginAsync(Connection connection, ReadOnlyMemory<byte> message)
    {
        var bytes = message.Length;
        queues.Requests.Add(bytes);
        try
        {
            if (!TryReadToken(TakeLine(ref message), out var token))
            {
                connection.BeginClose(ExpectedAuth);
            }
            else if (await login.TryEnterAsync(connection, token))
            {
                Welcome(connection);
                await RunAsync(connection, message, isFirst: true);
            }
        }
        finally
        {
            queues.Requests.Add(-bytes);
        }
    }

    private bool TryReadToken(ReadOnlyMemory<byte> line, out ReadOnlyMemory<byte> token)
    {
        var command = CommandLine.Parse(line.Span);
        token = line[^command.Token.Length..];
        return command.Verb is Verb.Auth && token.Length <= _options.MaxMessageBytes;
    }

    private void Welcome(Connection connection) =>
        connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Welcome(connection.UserId, connection.Id, _options.PingInterval));

    private async Task RunAsync(Connection connection, ReadOnlyMemory<byte> rest, bool isFirst)
    {
        var isCopied = isFirst;
        if (rest.Length > LongMessageBytes)
        {
            Copy(ref rest, ref isCopied);
            await DrainScheduler.YieldToThreadPoolAsync();
        }

        var startedAt = timeProvider.GetTimestamp();
        List<Task>? joins = null;
        for (var lines = 1; !rest.IsEmpty && connection.CloseReason is null; lines++)
        {
            // The frame itself has counted as one message. The first message is bounded by what a client can need in it.
            if (isFirst ? lines >= MaxFirstLines : lines > 1 && !connection.TryTakeMessage())
            {
                connection.BeginClose(CloseReason.MessageRate);
                break;
            }

            var line = TakeLine(ref rest);
            var command = CommandLine.Parse(line.Span);
            var verb = command.Verb;
            if (verb is Verb.Join)
            {
                if (TryBeginJoin(connection, command, isFirst, startedAt, out var joining) && !joining.IsCompletedSuccessfully)
                {
                    Copy(ref rest, ref isCopied);
                    (joins ??= []).Add(joining);
                    if (joins.Count >= MaxJoinsInProgress)
                    {
                        await Task.WhenAny(joins);
                        if (joins.RemoveAll(static join => join.IsCompletedSuccessfully) == 0)
                        {
                            break; // one has failed, and so does the message when the others have ended
                        }
                    }
                }

                continue;
            }

            // Commands that depend on rooms come after the joins before them.
            if (joins is not null && verb is Verb.Leave or Verb.Say)
            {
                await Task.WhenAll(joins);
                joins = null;
                if (connection.CloseReason is not null)
                {
                    break;
                }
            }

            if (verb is Verb.Say && isFirst)
            {
                await connection.Rooms.BeginReceivingAsync(); // all joins are done, and the answer to what is said may take seconds
                isFirst = false;
            }

            var text = verb is Verb.Say ? rest : default;
            rest = verb is Verb.Say ? default : rest;
            var executing = ExecuteAsync(connection, line, text);
            if (!executing.IsCompletedSuccessfully)
            {
                Copy(ref rest, ref isCopied);
                await executing;
            }
        }

        if (joins is not null)
        {
            await Task.WhenAll(joins);
        }

        if (isFirst)
        {
            await connection.Rooms.BeginReceivingAsync();
        }

        connection.Rooms.ForgetSince();
    }

    private ValueTask ExecuteAsync(Connection connection, ReadOnlyMemory<byte> text, ReadOnlyMemory<byte> said)
    {
        var line = CommandLine.Parse(text.Span);
        switch (line.Verb)
        {
            case Verb.Auth:
                return RenewAsync(connection, text);
            case Verb.Since:
                AddSince(connection, line);
                return default;
            case Verb.Leave when line.IsValid:
                Leave(connection, line);
                return default;
            case Verb.Say when line.IsValid:
                return SayAsync(connection, line, text, said);
            default:
                Refuse(connection, CommandError.UnreadableCommand, line);
                return default;
        }
    }

    // Replaces the session by another one of the same user.
    private async ValueTask RenewAsync(Connection connection, ReadOnlyMemory<byte> line)
    {
        if (!TryReadToken(line, out var token))
        {
            Refuse(connection, CommandError.UnreadableCommand, "auth"u8, default, default);
            return;
        }

        if (!connection.TryTakeJoin())
        {
            connection.BeginClose(CloseReason.MessageRate); // a look-up in the session store costs as much as a join
            return;
        }

        var identity = await identities.ResolveAsync(token, connection.Address.Text);
        if (identity.IsUnavailable)
        {
            Refuse(connection, CommandError.SessionsUnavailable, "auth"u8, default, default);
        }
        else if (identity.Refusal is not null || identity.UserId != connection.UserId)
        {
            connection.BeginClose(identity.Refusal ?? CloseReason.SessionExpired);
        }
        else
        {
            connection.Identify(identity.UserId, identity.Token);
            Welcome(connection);
        }
    }

    private void AddSince(Connection connection, in CommandLine line)
    {
        if (!line.IsValid || !TopicPart.TryParse(line.Part, out var topic) || !Position.IsValid(line.Position))
        {
            Refuse(connection, CommandError.UnreadableCommand, line);
        }
        else if (!connection.Rooms.TryAddSince(topic, PositionOf(line), _options.MaxSince))
        {
            Refuse(connection, CommandError.SinceLimit, line);
        }
    }

    // Any text may be a position. One that was not given by this version is that of no message.
    private static Stamp PositionOf(in CommandLine line) => Position.TryParse(line.Position, out var stamp) ? stamp : Stamp.None;

    private bool TryBeginJoin(Connection connection, in CommandLine line, bool isFirst, long startedAt, out Task joining)
    {
        joining = Task.CompletedTask;
        var room = new RoomId(line.Group, line.Channel);
        if (!line.IsValid)
        {
            Refuse(connection, CommandError.UnreadableCommand, line);
        }
        else if (room == default)
        {
            Refuse(connection, CommandError.NoRoom, line);
        }
        else if (!isFirst && !connection.TryTakeJoin())
        {
            connection.BeginClose(CloseReason.MessageRate);
        }
        else if (connection.Rooms.TryTellJoined(room, line.Reference))
        {
            return false;
        }
        else if (IsLate(connection, startedAt))
        {
            RefuseJoin(connection, CommandError.SubscribeTimeout, room, line.Reference);
        }
        else if (queues.Pressure is MemoryPressure.Exhausted)
        {
            RefuseJoin(connection, CommandError.NodeFull, room, line.Reference);
        }
        else if (!connection.Rooms.TryBeginJoin(room, _options.MaxRooms))
        {
            Refuse(connection, CommandError.RoomLimit, line);
        }
        else
        {
            joining = JoinAsync(connection, room, line.Reference.ToArray(), startedAt);
            return true;
        }

        return false;
    }

    // A message with many joins must end, also while the cluster confirms nothing: then the joins that have not begun are not tried. The time in which
    // the client reads what it has missed does not count, and has a limit of its own.
    private bool IsLate(Connection connection, long startedAt) =>
        timeProvider.GetElapsedTime(startedAt) - connection.Rooms.ReplayTime >= subscriptions.Timeout;

    // The client tries again what was refused for a temporary reason, after the position of its user has moved on.
    private static void RefuseJoin(Connection connection, CommandError error, RoomId room, ReadOnlySpan<byte> reference)
    {
        connection.Rooms.RecordRefusal(error);
        Refuse(connection, error, "join"u8, room, reference);
    }

    private async Task JoinAsync(Connection connection, RoomId room, byte[] reference, long startedAt)
    {
        var error = CommandError.AddressLimit;
        if (await TryTakeAddressJoinAsync(connection, startedAt))
        {
            var result = await roomJoin.JoinAsync(connection, room, reference);
            if (result is JoinResult.Joined)
            {
                return;
            }

            error = result switch
            {
                JoinResult.NotAllowed => CommandError.NotAllowed,
                JoinResult.RightsUnavailable => CommandError.RightsUnavailable,
                _ => CommandError.SubscribeTimeout,
            };
        }

        connection.Rooms.AbandonJoin(room);
        RefuseJoin(connection, error, room, reference);
    }

    // Waits until the limit of the address allows another join. Many clients behind one address may come back at once, each with many rooms. They
    // take turns, because each has only a few joins in progress. If they were closed, they would begin anew with all of their rooms.
    private async ValueTask<bool> TryTakeAddressJoinAsync(Connection connection, long startedAt)
    {
        while (!admission.TryJoin(connection.Address.Counted, canWait: true))
        {
            if (connection.CloseReason is not null || IsLate(connection, startedAt))
            {
                return false;
            }

            await Task.Delay(AddressPause, timeProvider);
        }

        return true;
    }

    private static void Leave(Connection connection, in CommandLine line)
    {
        if (!connection.Rooms.TryLeave(new RoomId(line.Group, line.Channel), line.Reference))
        {
            Refuse(connection, CommandError.NotJoined, line);
        }
    }

    private ValueTask SayAsync(Connection connection, in CommandLine line, ReadOnlyMemory<byte> words, ReadOnlyMemory<byte> text)
    {
        // The first message may be longer than this, but not because of its text.
        if (text.Length > _options.MaxLaterMessageBytes)
        {
            connection.BeginClose(CloseReason.MessageTooBig);
            return default;
        }

        var room = new RoomId(line.Group, line.Channel);
        if (!connection.Rooms.IsJoined(room))
        {
            Refuse(connection, CommandError.NotJoined, line);
            return default;
        }

        var finding = rights.FindAsync(new RightsKey(connection.UserId, room.Group, room.Channel));
        return finding.IsCompletedSuccessfully
            ? Say(connection, room, line, text, finding.Result)
            : new ValueTask(connection.UntilClosing(SayLaterAsync(connection, room, words.ToArray(), text.ToArray(), finding)));
    }

    // The connection may have been closed, or removed from the room, while its right was looked up.
    private async Task SayLaterAsync(Connection connection, RoomId room, byte[] words, byte[] text, ValueTask<RightsAnswer> finding)
    {
        var answer = await finding;
        if (connection.CloseReason is null && connection.Rooms.IsJoined(room))
        {
            await Say(connection, room, CommandLine.Parse(words), text, answer);
        }
        else
        {
            Refuse(connection, CommandError.NotJoined, CommandLine.Parse(words));
        }
    }

    private ValueTask Say(Connection connection, RoomId room, in CommandLine line, ReadOnlyMemory<byte> text, RightsAnswer answer)
    {
        if (!answer.CanWrite)
        {
            metrics.TextRefused(answer.IsKnown ? "not_allowed" : "unavailable");
            Refuse(connection, answer.IsKnown ? CommandError.NotAllowed : CommandError.RightsUnavailable, line);
            return default;
        }

        var id = line.Id.IsEmpty ? null : ClientSignalId.Of(connection.UserId, line.Id);
        var needsReceipt = id is not null || !line.Reference.IsEmpty;
        var result = broadcasts.Say(room, text, id, needsReceipt);
        var ready = broadcasts.ReadyAsync(room.Topic);
        if (!needsReceipt)
        {
            return ready.IsCompletedSuccessfully ? ready : new ValueTask(connection.UntilClosing(ready.AsTask()));
        }

        // The connection can be closed meanwhile, and its end must not wait for others.
        return new ValueTask(connection.UntilClosing(AnswerAsync(connection, room, line.Reference.ToArray(), result, ready, hasId: id is not null)));
    }

    private async Task AnswerAsync(Connection connection, RoomId room, byte[] reference, PublishResult result, ValueTask ready, bool hasId)
    {
        var receipt = result.Pending is { } pending ? await WaitAsync(pending, hasId) : result.Receipt;
        var error = receipt.Status switch
        {
            ReceiptStatus.Delivered => null,
            ReceiptStatus.IdReused => CommandError.IdReused,
            ReceiptStatus.IdsExhausted => CommandError.IdsExhausted,
            _ => CommandError.NotAccepted,
        };
        if (error is not null)
        {
            Refuse(connection, error, "say"u8, room, reference);
        }
        else if (reference.Length > 0)
        {
            Accept(connection, reference);
        }

        await ready;
    }

    private static void Accept(Connection connection, byte[] reference) => connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Ok(reference));

    // Only a gateway that takes the message can refuse its id, so a message with an id waits for the gateways too. It does not wait long: one that has
    // died is waited for until its lease ends, and nothing else is read from the client meanwhile.
    private async Task<Receipt> WaitAsync(PendingReceipt pending, bool hasId)
    {
        var isAccepted = await pending.Accepted.TryWaitAsync(_options.SayTimeout, timeProvider) || !pending.TryGiveUp();
        if (isAccepted && hasId)
        {
            await pending.Completion.TryWaitAsync(RefusalPatience, timeProvider);
        }

        return pending.Completion.IsCompletedSuccessfully ? await pending.Completion : pending.SoFar(out _);
    }
}
