using System.Text.Unicode;
using Direct.Edge.Diagnostics;
using Direct.Edge.Protocol;
using Direct.Edge.Subscriptions;

namespace Direct.Edge.Connections;

/// <summary>Carries out the commands of clients: the first message of a connection is its token, each later one a join or a broadcast.</summary>
internal sealed class CommandHandler(
    Login login,
    TopicSubscriptions subscriptions,
    BroadcastPublisher broadcasts,
    LineHandler lines,
    Admission admission,
    GatewayMetrics metrics)
{
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

    // The connection stays in the old room until the cluster has confirmed the new one; then the index switches at once.
    private async ValueTask JoinAsync(Connection connection, long group, long channel)
    {
        if (await subscriptions.TryAcquireRoomsAsync(group, channel) is not { } acquired)
        {
            connection.BeginClose(CloseReason.SubscribeTimeout);
            return;
        }

        connection.Room.Move(group, channel, acquired);
    }

    // The sender's input is not read until there is room for another broadcast. The connection can be closed meanwhile, and its end must not wait for
    // others.
    private ValueTask HandleBroadcast(Connection connection, ReadOnlyMemory<byte> text)
    {
        var room = broadcasts.PublishAsync(connection.GroupId, connection.ChannelId, text);
        return room.IsCompletedSuccessfully ? room : new ValueTask(connection.UntilClosing(room.AsTask()));
    }
}
