using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Direct.Memory;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Direct.Edge.Transport.Kestrel;

/// <summary>Accepts WebSockets through Kestrel: on every system, with TLS, and with every configuration of Kestrel.</summary>
/// <remarks>
/// After the 101 the frames are read from and written to the connection's pipes, which Kestrel itself uses. The framework's WebSocket class would add
/// a lock, a task and a copy for each message, and could not send many frames at once.
/// </remarks>
internal sealed class KestrelTransport(
    ConnectionHub hub,
    QueueBudget queues,
    ClientAddressReader addresses,
    NodeGate gate,
    AllowedOrigins origins,
    IOptions<ConnectionOptions> options)
{
    /// <summary>Handles a request to the WebSocket path until the connection ends.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (Refusal(context) is var (status, sentence))
        {
            await RefuseAsync(context, status, sentence);
            return;
        }

        var headers = context.Request.Headers;
        var address = addresses.Read(context.Connection.RemoteIpAddress, headers);
        context.Response.Headers[HeaderNames.SecWebSocketAccept] = WebSocketHandshake.AcceptValue(headers.SecWebSocketKey.ToString());
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        var speaksDirect2 = hub.AcceptsDirect2 && headers.SecWebSocketProtocol.Any(static value => value is not null && WebSocketHandshake.OffersDirect2(Encoding.UTF8.GetBytes(value)));
        if (speaksDirect2)
        {
            context.Response.Headers.SecWebSocketProtocol = WebSocketHandshake.Direct2;
        }

        await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        var pipes = context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport;
        var lifetime = context.Features.GetRequiredFeature<IConnectionLifetimeFeature>();
        var connection = hub.Open(new KestrelConnection(pipes.Output, lifetime, queues.Connections), address, speaksDirect2);
        await ReadAsync(pipes.Input, connection);
    }

    private (int Status, string Sentence)? Refusal(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            || !HttpProtocol.IsHttp11(context.Request.Protocol)
            || !headers.GetCommaSeparatedValues(HeaderNames.Upgrade).Contains("websocket", StringComparer.OrdinalIgnoreCase)
            || context.Request.Method != HttpMethods.Get)
        {
            return (StatusCodes.Status426UpgradeRequired, "This address speaks WebSocket: connect with ws:// or wss://, or send a GET with 'Upgrade: websocket'.");
        }

        if (headers.SecWebSocketVersion != WebSocketHandshake.SupportedVersion)
        {
            return (StatusCodes.Status400BadRequest, $"Sec-WebSocket-Version is '{headers.SecWebSocketVersion}'; only {WebSocketHandshake.SupportedVersion} is spoken here.");
        }

        if (!WebSocketHandshake.IsValidKey(headers.SecWebSocketKey))
        {
            return (StatusCodes.Status400BadRequest, "Sec-WebSocket-Key must be 16 bytes in Base64: 24 characters.");
        }

        if (!gate.IsOpen)
        {
            return (StatusCodes.Status503ServiceUnavailable, "This node is not connected to its cluster; try another, or this one again in a while.");
        }

        return origins.Allow(headers.Origin.Count == 0 ? null : headers.Origin.ToString())
            ? null
            : (StatusCodes.Status403Forbidden, $"Origin '{headers.Origin}' is not one of Direct:Connections:AllowedOrigins.");
    }

    private static async Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.SecWebSocketVersion = WebSocketHandshake.SupportedVersion;
        if (status == StatusCodes.Status426UpgradeRequired)
        {
            context.Response.Headers.Upgrade = "websocket";
        }
        else if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        await context.Response.WriteAsync(sentence + "\n");
    }

    private async Task ReadAsync(PipeReader input, Connection connection)
    {
        try
        {
            while (!connection.IsFinished)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                if (buffer.IsEmpty && result.IsCompleted)
                {
                    input.AdvanceTo(buffer.End);
                    break;
                }

                var reception = Receive(connection, buffer, out var isWhole);
                var consumed = buffer.GetPosition(reception.Consumed);
                if (reception.Pending is { } pending)
                {
                    input.AdvanceTo(consumed);
                    await pending;
                }
                else if (reception.Consumed == 0 && isWhole && result.IsCompleted)
                {
                    input.AdvanceTo(buffer.End);
                    break; // the input ends within a frame
                }
                else
                {
                    input.AdvanceTo(consumed, isWhole ? buffer.End : consumed);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The peer has disconnected; the kind of failure does not matter.
        }
#pragma warning disable CA1031 // The top of the connection's loop.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            hub.Failed(connection, exception);
        }
        finally
        {
            await connection.EndAsync();
        }
    }

    // isWhole: all input was passed to the connection, so there is nothing to do until more arrives.
    private Reception Receive(Connection connection, ReadOnlySequence<byte> buffer, out bool isWhole)
    {
        if (buffer.IsSingleSegment)
        {
            isWhole = true;
            return connection.Receive(buffer.FirstSpan);
        }

        // Rare: input that spans buffers is copied, in pieces that hold at least one complete frame.
        var pieceBytes = (int)Math.Min(buffer.Length, Math.Max(16 * 1024, FrameReader.MaxHeaderBytes + options.Value.LargestMessageBytes));
        isWhole = pieceBytes == buffer.Length;
        var piece = ArrayPool<byte>.Shared.Rent(pieceBytes);
        buffer.Slice(0, pieceBytes).CopyTo(piece);
        var reception = connection.Receive(piece.AsSpan(0, pieceBytes));
        ArrayPool<byte>.Shared.Return(piece);
        return reception;
    }
}
