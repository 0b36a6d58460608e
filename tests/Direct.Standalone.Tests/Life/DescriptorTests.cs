using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Standalone.Tests.Life;

public sealed class DescriptorTests
{
    private const int DescriptorLimit = 256;
    private const int Strangers = 400;

    [Fact]
    public async Task Node_OutOfDescriptors_RefusesNewOnesKeepsTheOldAndRecovers()
    {
        await using var node = await NodeProcess.StartAsync(new NodeOptions { DescriptorLimit = DescriptorLimit });
        await using var first = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await using var second = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await first.JoinAsync(1, 2);
        await second.JoinAsync(1, 2);

        var (inside, refused, dropped) = await FillAsync(node.Port);
        Assert.Equal(Strangers, inside.Count + refused + dropped);
        Assert.InRange(inside.Count, 20, DescriptorLimit);
        Assert.InRange(refused + dropped, Strangers - DescriptorLimit, Strangers);

        // Full, and people keep knocking: it must not spend its time on that.
        var knocking = await KnockAsync(node.Port, 100);
        var before = node.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.InRange(node.ProcessorTime - before, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        for (var i = 0; i < 20; i++)
        {
            await first.BroadcastAsync($"{i}");
            Assert.Equal($"{i}", await first.ReceiveTextAsync());
            Assert.Equal($"{i}", await second.ReceiveTextAsync());
        }

        Assert.False(node.HasExited);
        foreach (var client in inside.Concat(knocking))
        {
            client.Abort();
        }

        await Deadline.UntilAsync("a new connection gets in again", () => GetsInAsync(node.Port), actual: () => string.Join('\n', node.Output.TakeLast(20)));
        Assert.Equal(2, (await node.SignalAsync("1,2,0", "after")).Delivered);
        Assert.Equal("after", await first.ReceiveTextAsync());
        Assert.DoesNotContain(node.Output, line => line.StartsWith("crit:", StringComparison.Ordinal));
    }

    private static async Task<(List<ProtocolClient> Inside, int Refused, int Dropped)> FillAsync(int port)
    {
        var (inside, refused, dropped) = (new List<ProtocolClient>(), 0, 0);
        for (var i = 0; i < Strangers; i++)
        {
            ProtocolClient? client = null;
            try
            {
                client = await ProtocolClient.AskAsync(port, HandshakeOptions.Default, TimeSpan.FromSeconds(2));
                await client.SendTextAsync("token");
                await client.SendPingAsync(1);
                var frame = client.Response.Status == 101 ? await client.ReceiveAsync(TimeSpan.FromSeconds(2)) : null;
                if (frame is { IsPong: true })
                {
                    inside.Add(client);
                    continue;
                }

                // Refused: with the reason in a close frame. Anything else of substance is a surprise.
                Assert.True(frame is null or { IsClose: true } or { IsEnd: true }, $"a refusal expected, got {frame}");
                (refused, dropped) = frame is { IsClose: true, Status.Code: 4010 } ? (refused + 1, dropped) : (refused, dropped + 1);
            }
            catch (Exception exception) when (exception is IOException or TimeoutException or System.Net.Sockets.SocketException)
            {
                dropped++;

                // It waits in the kernel's queue, as all after it would.
                if (exception is TimeoutException)
                {
                    dropped += Strangers - i - 1;
                    i = Strangers;
                }
            }

            if (client is not null)
            {
                await client.DisposeAsync();
            }
        }

        return (inside, refused, dropped);
    }

    private static async Task<List<ProtocolClient>> KnockAsync(int port, int count)
    {
        var clients = new List<ProtocolClient>();
        for (var i = 0; i < count; i++)
        {
            clients.Add(await ProtocolClient.OpenAsync(port));
        }

        return clients;
    }

    private static async Task<bool> GetsInAsync(int port)
    {
        try
        {
            await using var client = await ProtocolClient.AskAsync(port, HandshakeOptions.Default, TimeSpan.FromSeconds(2));
            await client.SendPingAsync(1);
            return client.Response.Status == 101 && (await client.ReceiveAsync(TimeSpan.FromSeconds(2))).IsPong;
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
