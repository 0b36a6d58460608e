using System.Net.Sockets;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Nodes;

/// <summary>Provides assertions about connections that a limit refuses: each limit has its own close code, and a reason that names it.</summary>
internal static class Refusal
{
    public static void Assert(CloseStatus status, int code, params string[] named)
    {
        Xunit.Assert.Equal(code, status.Code);
        Xunit.Assert.All(named, name => Xunit.Assert.Contains(name, status.Reason, StringComparison.Ordinal));
    }

    public static async Task AssertClosedAsync(ProtocolClient client, int code, params string[] named)
    {
        var frame = await client.ReceiveAsync();
        while (!frame.IsClose && !frame.IsEnd)
        {
            frame = await client.ReceiveAsync();
        }

        Xunit.Assert.True(frame.IsClose, $"a close frame expected, got {frame}");
        Assert(frame.Status, code, named);
    }

    /// <summary>Connects repeatedly until a connection is admitted, within the default deadline. Asserts that every refusal has the code.</summary>
    public static async Task<ProtocolClient> UntilAcceptedAsync(int port, int code, HandshakeOptions? options = null)
    {
        ProtocolClient? accepted = null;
        var last = "nothing yet";
        await Deadline.UntilAsync(
            $"let in on {port}",
            async () =>
            {
                var client = await ProtocolClient.ConnectAsync(port, options);
                await TrySendPingAsync(client);
                var frame = await client.ReceiveAsync();
                last = frame.ToString();
                if (frame.IsPong)
                {
                    accepted = client;
                    return true;
                }

                await client.DisposeAsync();
                Xunit.Assert.True(frame.IsClose && frame.Status.Code == code, $"{code} expected, got {frame}");
                return false;
            },
            actual: () => last);
        return accepted!;
    }

    private static async Task TrySendPingAsync(ProtocolClient client)
    {
        try
        {
            await client.SendPingAsync(1);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The connection is already refused; its close frame is still to be read.
        }
    }
}
