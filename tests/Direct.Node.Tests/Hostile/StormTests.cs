using System.Text;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Hostile;

public sealed class StormTests(HostileNode node) : IClassFixture<HostileNode>
{
    [Fact]
    public async Task Reconnects_ByTheThousand_DisturbNobodyAndLeaveNothingBehind()
    {
        await node.AssertUnharmedAsync();
        await node.WaitUntilEmptyAsync();
        var (descriptors, memory) = (node.Process.OpenSockets, node.Process.ResidentKilobytes);
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var first = await node.JoinAsync(group, channel);
        await using var second = await node.JoinAsync(group, channel);

        var storm = Parallel.ForAsync(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 40 }, async (number, _) =>
        {
            await using var client = await node.ConnectAsync();
            await client.SendAsync([ClientFrame.Text("token"), ClientFrame.Text($"{group},{number + 1}"), ClientFrame.Text(":x")]);
            switch (number % 3)
            {
                case 0:
                    await client.CloseAsync();
                    break;
                case 1:
                    Assert.Equal("x", await client.ReceiveTextAsync());
                    break;
                default:
                    client.Abort();
                    break;
            }
        });
        for (var i = 0; i == 0 || !storm.IsCompleted; i++)
        {
            await first.BroadcastAsync($"{i}");
            Assert.Equal($"{i}", await first.ReceiveTextAsync());
            Assert.Equal($"{i}", await second.ReceiveTextAsync());
            await Deadline.PaceAsync(5);
        }

        await storm;
        await node.WaitForCountAsync(2);
        await node.WaitForDescriptorsAsync(descriptors + 2);
        await node.WaitForMemoryAsync(memory, allowedKilobytes: 150_000);
    }

    // The handlers of the original Direct crash here: they iterate over the map of a room while a member leaves it.
    [Fact]
    public async Task Rejoins_ThousandsDuringBroadcasts_HarmNobody()
    {
        const int Rounds = 30;
        const int RejoinsARound = 100;
        var (group, one, two) = (node.NewNumber(), node.NewNumber(), node.NewNumber());
        await using var inOne = await node.JoinAsync(group, one);
        await using var inTwo = await node.JoinAsync(group, two);
        await using var restless = await node.JoinAsync(group, one);
        var rejoins = Enumerable.Range(0, RejoinsARound).Select(i => ClientFrame.Text($"{group},{(i % 2 == 0 ? two : one)}")).ToArray();

        for (var round = 0; round < Rounds; round++)
        {
            // A round is 100 joins and 40 broadcasts at the same time.
            await Task.WhenAll(
                restless.SendAsync(rejoins),
                inOne.SendAsync(Enumerable.Range(0, 20).Select(i => ClientFrame.Text($":one {i}"))),
                inTwo.SendAsync(Enumerable.Range(0, 20).Select(i => ClientFrame.Text($":two {i}"))));
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal($"one {i}", await inOne.ReceiveTextAsync());
                Assert.Equal($"two {i}", await inTwo.ReceiveTextAsync());
            }
        }

        await restless.SendTextAsync($"{group},{two}");
        await restless.SyncAsync();
        Assert.Equal((1, 2, 3), (await node.CountAsync(group, one, 0), await node.CountAsync(group, two, 0), await node.CountAsync(group, 0, 0)));
        await restless.SendTextAsync(":end");
        var heard = await restless.ReceiveTextsUntilAsync("end");
        Assert.All(heard, text => Assert.True(text is "count" || text.StartsWith("one ", StringComparison.Ordinal) || text.StartsWith("two ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Member_ThatNeverReadsInABusyRoom_CostsABoundedAmountOfMemory()
    {
        await node.AssertUnharmedAsync();
        var memory = node.Process.ResidentKilobytes;
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        var text = Encoding.ASCII.GetString(new byte[60_000].Select(_ => (byte)'x').ToArray());
        await using var reader = await node.JoinAsync(group, channel);
        var deaf = new List<ProtocolClient>();
        for (var i = 0; i < 20; i++)
        {
            deaf.Add(await node.JoinAsync(group, channel, new HandshakeOptions { ReceiveBufferBytes = 4096 }));
        }

        // 200 signals of 60 KB to 20 members that do not read would need 240 MB if all of them were kept.
        var most = 0L;
        for (var i = 0; i < 200; i++)
        {
            await node.SignalAsync(group, channel, 0, text);
            Assert.Equal(text, await reader.ReceiveTextAsync());
            most = Math.Max(most, node.Process.ResidentKilobytes);
        }

        Assert.InRange(most, 0, memory + 150_000);
        Assert.Equal(1, await node.CountAsync(group, channel, 0));
        foreach (var client in deaf)
        {
            await client.DisposeAsync();
        }
    }
}
