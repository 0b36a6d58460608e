using Direct.Edge.Protocol;
using Direct.Edge.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>Reads frames from the input of clients, answers control frames, and passes complete messages to the commands.</summary>
internal sealed class FrameHandler(CommandHandler commands, IOptions<ConnectionOptions> options, DeadlineWheel wheel)
{
    private readonly ConnectionOptions _options = options.Value;

    /// <summary>Handles the complete frames in the input of a client.</summary>
    public Reception Receive(Connection connection, ref InboundState inbound, ReadOnlySpan<byte> input)
    {
        var consumed = 0;
        while (!connection.IsFinished && inbound.Skipper is null)
        {
            var maxPayloadBytes = MaxMessageBytes(connection) - inbound.Assembler.Length;
            var status = FrameReader.TryRead(input[consumed..], maxPayloadBytes, out var frame, out var frameBytes, out var refusal);
            if (status is FrameStatus.NeedMore)
            {
                return new Reception(consumed, null);
            }

            if (status is FrameStatus.Refused)
            {
                inbound.Skipper = new FrameSkipper();
                connection.BeginClose(refusal!);
                break;
            }

            consumed += frameBytes;
            if (PendingOf(Handle(connection, ref inbound, frame)) is { } pending)
            {
                return new Reception(consumed, pending);
            }
        }

        if (inbound.Skipper is { } skipper)
        {
            consumed += skipper.Skip(input[consumed..]);
            connection.IsFinished |= skipper.HasSeenClose;
        }

        return new Reception(connection.IsFinished ? input.Length : consumed, null);
    }

    private static Task? PendingOf(ValueTask work) => work.IsCompletedSuccessfully ? null : work.AsTask();

    private int MaxMessageBytes(Connection connection) => !connection.SpeaksDirect2 ? _options.MaxMessageBytes
        : connection.IsIdentified ? _options.MaxLaterMessageBytes
        : _options.MaxFirstMessageBytes;

    private ValueTask Handle(Connection connection, ref InboundState inbound, in Frame frame)
    {
        if (frame.Opcode is Opcode.Close)
        {
            connection.IsFinished = true;
            HandleClose(connection, frame);
            return default;
        }

        // While the connection closes, only the client's close frame counts.
        if (connection.CloseReason is not null || frame.Opcode is Opcode.Pong)
        {
            return default;
        }

        if (!inbound.Messages.TryTake(wheel.NowMs))
        {
            connection.BeginClose(CloseReason.MessageRate);
            return default;
        }

        if (frame.Opcode is Opcode.Ping)
        {
            AnswerPing(connection, frame);
            return default;
        }

        return HandleData(connection, ref inbound, frame);
    }

    private static void HandleClose(Connection connection, in Frame frame)
    {
        if (connection.CloseReason is not null)
        {
            return; // the answer to the node's close frame, or close frames of both sides that crossed
        }

        Span<byte> payload = stackalloc byte[frame.PayloadLength];
        frame.CopyPayloadTo(payload);
        if (ClosePayload.Refusal(payload) is { } refusal)
        {
            connection.BeginClose(refusal);
        }
        else
        {
            connection.AnswerClose(payload);
        }
    }

    private static void AnswerPing(Connection connection, in Frame frame)
    {
        Span<byte> payload = stackalloc byte[frame.PayloadLength];
        frame.CopyPayloadTo(payload);
        connection.SendControl(Opcode.Pong, payload);
    }

    private ValueTask HandleData(Connection connection, ref InboundState inbound, in Frame frame)
    {
        if (!inbound.Assembler.MayTake(frame.Opcode))
        {
            connection.BeginClose(CloseReason.ProtocolError);
            return default;
        }

        return inbound.Assembler.TryComplete(frame, MaxMessageBytes(connection), out var message, out var isText)
            ? commands.HandleAsync(connection, message, isText)
            : default;
    }
}
