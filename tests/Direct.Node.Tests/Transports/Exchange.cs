using System.Net.Sockets;
using System.Text;
using Direct.Testing.Http;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>Runs a script against a node and records all responses as text, which is equal for equal behaviour.</summary>
internal static class Exchange
{
    private static readonly byte[] Probe = "GET /livez HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n"u8.ToArray();
    private static int _lastRoom = 5_000_000;

    public static async Task<string> RunAsync(int port, Script script)
    {
        await using var client = await ProtocolClient.OpenAsync(port);
        var outcome = new StringBuilder();
        foreach (var piece in script.Pieces)
        {
            if (piece.PauseMs > 0)
            {
                await Deadline.PaceAsync(piece.PauseMs);
            }

            await TrySendAsync(client, piece.Bytes);
        }

        if (script.HalfCloses)
        {
            await Deadline.PaceAsync(script.EndPauseMs);
            TryHalfClose(client);
        }

        var isProbed = script.HalfCloses;
        var hasBody = !script.IsHeadRequest;
        while (await client.ReadAnswerAsync(hasBody) is { Status: > 0 } answer)
        {
            Write(outcome, answer);
            if (answer.Status == 101)
            {
                await SpeakAsync(client, script, outcome);
                return outcome.ToString();
            }

            // One more request shows whether the connection is still open, and also asks to close it.
            hasBody = true;
            if (!isProbed)
            {
                isProbed = true;
                await TrySendAsync(client, Probe);
            }
        }

        // For half a head Kestrel itself answers 400 or nothing, depending on whether it was already reading when the end arrived.
        return (script.IsCutShort ? new StringBuilder() : outcome).Append("the end").ToString();
    }

    private static void Write(StringBuilder outcome, HttpAnswer answer)
    {
        outcome.AppendLine(answer.StatusLine);
        var headers = answer.Headers.Select(header => $"{header.Name}: {(header.Name == "Date" ? "now" : header.Value)}");
        foreach (var header in headers.Order(StringComparer.Ordinal))
        {
            outcome.AppendLine(header);
        }

        outcome.AppendLine(answer.Text);
    }

    // Sends a token, a join, a broadcast to itself, a ping and a close frame. It waits after each, because the order of a text and a pong is not guaranteed.
    private static async Task SpeakAsync(ProtocolClient client, Script script, StringBuilder outcome)
    {
        if (script.HalfCloses)
        {
            await ReadUntilAsync(client, outcome, _ => false);
            return;
        }

        if (script.Echo is { } echo)
        {
            await ReadUntilAsync(client, outcome, frame => frame.IsText && frame.Text == echo);
        }

        var room = Interlocked.Increment(ref _lastRoom);
        ClientFrame[] entry = [ClientFrame.Text(FormattableString.Invariant($"{room},1")), ClientFrame.Text(":hello")];
        await TrySendAsync(
            client, [.. script.HasToken ? [] : ClientFrame.Text("token").Encode(), .. entry.SelectMany(frame => frame.Encode())]);
        await ReadUntilAsync(client, outcome, frame => frame.IsText && frame.Text == "hello");
        await TrySendAsync(client, new ClientFrame(Opcode.Ping, "?"u8.ToArray()).Encode());
        await ReadUntilAsync(client, outcome, frame => frame.IsPong && frame.Payload is [(byte)'?']);
        await TrySendAsync(client, ClientFrame.Close(1000).Encode());
        await ReadUntilAsync(client, outcome, _ => false);
    }

    private static async Task ReadUntilAsync(ProtocolClient client, StringBuilder outcome, Func<ServerFrame, bool> isLast)
    {
        ServerFrame frame;
        do
        {
            frame = await client.ReceiveAsync();
            outcome.AppendLine(frame.IsEnd ? "the end" : frame.ToString());
            if (frame.IsClose)
            {
                await TrySendAsync(client, new ClientFrame(Opcode.Close, frame.Payload).Encode());
            }
        }
        while (!frame.IsEnd && (frame.IsClose || !isLast(frame)));
    }

    private static async Task TrySendAsync(ProtocolClient client, byte[] bytes)
    {
        try
        {
            await client.SendRawAsync(bytes);
        }
        catch (IOException)
        {
            // The connection is already refused; the response is still to be read.
        }
    }

    private static void TryHalfClose(ProtocolClient client)
    {
        try
        {
            client.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The connection is already reset.
        }
    }
}
