using System.Text.Unicode;
using Direct.Edge.Diagnostics;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Topics;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>Carries out the commands of clients: the first message of a connection is its token, each later one a join or a broadcast.</summary>
internal sealed class CommandHandler(
    Login login,
    RoomJoin roomJoin,
    RoomRights rights,
    BroadcastPublisher broadcasts,
    LineHandler lines,
    Admission admission,
    IOptions<RightsOptions> options,
    GatewayMetrics metrics)
{
    private readonly bool _staysWhenRefused = options.Value.OnRefusedJoin is RefusedJoin.Stay;

    /// <summary>Handles one message. Completes when the next one may be read.</summary>
    /// <param name="connection">The connection that received the message.</param>
    /// <param name="message">The message, which is valid only during the call. Whatever outlives the call is copied first.</param>
    /// <param name="isText">Whether it is a text message, which must be valid UTF-8.</param>
    public ValueTask HandleAsync(Connection connection, ReadOnlyMemory<byte> message, bool isText)
    {
        metrics.MessageReceived();
        if (isText && !Utf8.IsValid(message.Span))
        {
            return Refuse(connection, CloseReason.InvalidUtf8);
        }

        if (connection.SpeaksDirect2)
        {
            return lines.HandleAsync(connection, message, isText);
        }

        if (!connection.IsIdentified)
        {
            return EnterAsync(connection, message);
        }

        var command = Command.Parse(message.Span);
        return command.Kind switch
        {
            CommandKind.Join => HandleJoin(connection, command),
            CommandKind.Broadcast when isText || Utf8.IsValid(command.Text) =>
                HandleBroadcast(connection, message[^command.Text.Length..]),
            CommandKind.Broadcast => Refuse(connection, CloseReason.InvalidUtf8),
            _ => Refuse(connection, CloseReason.InvalidCommand),
        };
    }

    private static ValueTask Refuse(Connection connection, CloseReason reason)
    {
        connection.BeginClose(reason);
        return default;
    }

    private async ValueTask EnterAsync(Connection connection, ReadOnlyMemory<byte> token) => await login.TryEnterAsync(connection, token);

    private ValueTask HandleJoin(Connection connection, in Command command)
    {
        if (command.IsMalformed)
        {
            metrics.JoinMalformed();
        }

        if (!connection.TryTakeJoin())
        {
            return Refuse(connection, CloseReason.MessageRate);
        }

        return admission.TryJoin(connection.Address.Counted)
            ? JoinAsync(connection, command.Group, command.Channel)
            : Refuse(connection, CloseReason.AddressLimit);
    }

    private async ValueTask JoinAsync(Connection connection, long group, long channel)
    {
        switch (await roomJoin.JoinAsync(connection, new RoomId(group, channel), []))
        {
            case JoinResult.NotAllowed when _staysWhenRefused:
                connection.Room.Refuse();
                break;
            case JoinResult.NotAllowed:
                connection.BeginClose(CloseReason.NotAllowed);
                break;
            case JoinResult.RightsUnavailable:
                connection.BeginClose(CloseReason.RightsUnavailable);
                break;
            case JoinResult.SubscribeTimeout:
                connection.BeginClose(CloseReason.SubscribeTimeout);
                break;
        }
    }

    // The sender's input is not read until there is room for another broadcast. The connection can be closed meanwhile, and its end must not wait for
    // others.
    private ValueTask HandleBroadcast(Connection connection, ReadOnlyMemory<byte> text)
    {
        var room = rights.IsOpen
            ? broadcasts.PublishAsync(connection.GroupId, connection.ChannelId, text)
            : BroadcastWithRight(connection, text);
        return room.IsCompletedSuccessfully ? room : new ValueTask(connection.UntilClosing(room.AsTask()));
    }

    private ValueTask BroadcastWithRight(Connection connection, ReadOnlyMemory<byte> text)
    {
        if (!connection.Room.TryGetRoom(out var room))
        {
            metrics.TextRefused("not_joined");
            return default;
        }

        if (room == default)
        {
            return broadcasts.PublishAsync(0, 0, text);
        }

        var finding = rights.FindAsync(new RightsKey(connection.UserId, room.Group, room.Channel));
        return finding.IsCompletedSuccessfully
            ? Broadcast(room, text, finding.Result)
            : BroadcastLaterAsync(connection, room, text.ToArray(), finding);
    }

    // The connection may have been closed, or removed from the room, while its right was looked up.
    private async ValueTask BroadcastLaterAsync(Connection connection, RoomId room, byte[] text, ValueTask<RightsAnswer> finding)
    {
        var answer = await finding;
        if (connection.CloseReason is null && connection.Room.TryGetRoom(out var now) && now == room)
        {
            await Broadcast(room, text, answer);
        }
        else
        {
            metrics.TextRefused("not_joined");
        }
    }

    private ValueTask Broadcast(RoomId room, ReadOnlyMemory<byte> text, RightsAnswer answer)
    {
        if (answer.CanWrite)
        {
            return broadcasts.PublishAsync(room.Group, room.Channel, text);
        }

        metrics.TextRefused(answer.IsKnown ? "not_allowed" : "unavailable");
        return default;
    }
}
