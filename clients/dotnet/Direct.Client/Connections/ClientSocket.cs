using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace Direct.Client;

/// <summary>Sends and receives the messages of one WebSocket. Sending never waits: one loop sends in order, below the rate limits of gateways (50 lines and 10 joins a second).</summary>
internal sealed class ClientSocket(WebSocket socket, TimeProvider time) : IDisposable
{
    private readonly Channel<Outgoing> _outbox = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SendPace _lines = new(perSecond: 40, burst: 60, time);
    private readonly SendPace _joins = new(perSecond: 8, burst: 15, time);
    private readonly ArrayBufferWriter<byte> _received = new(4096);

    public bool SpeaksDirect2 => socket.SubProtocol == DirectConnection.SubProtocol;

    /// <param name="text">The message.</param>
    /// <param name="lines">How many lines of it the gateway counts.</param>
    /// <param name="isJoin">Whether one of them is a join.</param>
    public void Send(string text, int lines = 1, bool isJoin = false) => _outbox.Writer.TryWrite(new Outgoing(text, lines, isJoin));

    /// <summary>Sends what waits and then a close frame. The answer ends <see cref="ReceiveAsync"/>.</summary>
    public void BeginClose() => _outbox.Writer.TryComplete();

    /// <summary>Sends until <see cref="BeginClose"/>.</summary>
    public async Task SendAllAsync(CancellationToken cancellationToken)
    {
        await foreach (var message in _outbox.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await _lines.WaitAsync(message.Lines, cancellationToken).ConfigureAwait(false);
            if (message.IsJoin)
            {
                await _joins.WaitAsync(1, cancellationToken).ConfigureAwait(false);
            }

            await socket.SendAsync(Encoding.UTF8.GetBytes(message.Text), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellationToken).ConfigureAwait(false);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Receives one message. Returns null when the gateway has closed the connection.</summary>
    public async ValueTask<string?> ReceiveAsync(CancellationToken cancellationToken)
    {
        _received.ResetWrittenCount();
        while (true)
        {
            var result = await socket.ReceiveAsync(_received.GetMemory(), cancellationToken).ConfigureAwait(false);
            if (result.MessageType is WebSocketMessageType.Close)
            {
                return null;
            }

            _received.Advance(result.Count);
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString(_received.WrittenSpan);
            }
        }
    }

    /// <summary>Answers the close frame of the gateway, and returns its code and reason.</summary>
    public async Task<SessionEnd> AnswerCloseAsync(CancellationToken cancellationToken)
    {
        var end = new SessionEnd((int?)socket.CloseStatus, socket.CloseStatusDescription ?? "");
        try
        {
            if (socket.State is WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The gateway has said why it closes; whether it gets the answer does not matter.
        }

        return end;
    }

    public void Dispose() => socket.Dispose();

    private readonly record struct Outgoing(string Text, int Lines, bool IsJoin);
}
