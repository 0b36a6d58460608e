using System.Net.WebSockets;

namespace Direct.Client.Tests.Fakes;

/// <summary>Represents a WebSocket that has received a close frame, and on which nothing can be sent any more.</summary>
internal sealed class BrokenWebSocket(int code, string reason) : WebSocket
{
    public override WebSocketCloseStatus? CloseStatus => (WebSocketCloseStatus)code;

    public override string? CloseStatusDescription => reason;

    public override WebSocketState State => WebSocketState.CloseReceived;

    public override string? SubProtocol => null;

    public override void Abort()
    {
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw Broken();

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw Broken();

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw Broken();

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw Broken();

    public override void Dispose()
    {
    }

    private static WebSocketException Broken() => new(WebSocketError.ConnectionClosedPrematurely);
}
