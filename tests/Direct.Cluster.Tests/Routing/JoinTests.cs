using Direct.Cluster.Tests.Clusters;

namespace Direct.Cluster.Tests.Routing;

/// <summary>Tests that a join is in force in the whole cluster before the next frame of that connection is handled.</summary>
public sealed class JoinTests(SharedCluster shared)
{
    private const int Rounds = 25;

    [Fact]
    public async Task Join_BroadcastInTheSameBreath_ReachesMembersElsewhereAndTheSender()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (group, channel) = (SharedCluster.NewNumber(), SharedCluster.NewNumber());
            await using var there = await shared.B.JoinAsync(group, channel);
            var (here, _) = await shared.A.ConnectAsync();
            await using var _1 = here;

            await here.SendAsync([Testing.WebSockets.ClientFrame.Text($"{group},{channel}"), Testing.WebSockets.ClientFrame.Text(":hello")]);

            Assert.Equal(["hello", "hello"], [await there.ReceiveTextAsync(), await here.ReceiveTextAsync()]);
        }
    }

    [Fact]
    public async Task Join_SignalThroughAnotherGatewayAtOnce_Arrives()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (group, channel) = (SharedCluster.NewNumber(), SharedCluster.NewNumber());
            await using var member = await shared.A.JoinAsync(group, channel);

            Assert.Equal((1, 1), await shared.B.DeliverAsync($"{group},{channel},0", "hello"));
            Assert.Equal("hello", await member.ReceiveTextAsync());
        }
    }

    /// <summary>Tests a join after the lane has recorded that no gateway is subscribed to the topic. The subscribe must undo that record.</summary>
    [Fact]
    public async Task Join_RoomThatIsKnownToBeEmpty_SignalThroughAnotherGatewayArrives()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (group, channel) = (SharedCluster.NewNumber(), SharedCluster.NewNumber());
            Assert.Equal((0, 0), await shared.C.DeliverAsync($"{group},{channel},0", "nobody"));
            await using var member = await shared.A.JoinAsync(group, channel);

            Assert.Equal((1, 1), await shared.B.DeliverAsync($"{group},{channel},0", "hello"));
        }
    }

    /// <summary>Tests that a member that joins during a stream of signals receives every signal that is sent after the join.</summary>
    [Fact]
    public async Task Join_WhileSignalsStream_GetsEverythingFromThenOn()
    {
        for (var round = 0; round < 5; round++)
        {
            var group = SharedCluster.NewNumber();
            using var stop = new CancellationTokenSource();
            var sent = 0;
            var streaming = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await shared.B.DeliverAsync($"{group},0,0", $"{Interlocked.Increment(ref sent)}");
                }
            }, TestContext.Current.CancellationToken);

            await using var member = await shared.A.JoinAsync(group, 0);
            var first = Volatile.Read(ref sent) + 1;
            await Testing.Time.Deadline.UntilAsync("some more are sent", () => Volatile.Read(ref sent) > first + 20);
            await stop.CancelAsync();
            await streaming;
            await shared.B.DeliverAsync($"{group},0,0", "end");

            var texts = await member.ReceiveTextsUntilAsync("end");
            Assert.Equal(Enumerable.Range(first, sent - first + 1).Select(i => $"{i}"), texts.SkipWhile(text => text != $"{first}"));
        }
    }

    [Fact]
    public async Task Token_SignalToTheUserThroughAnotherGatewayAtOnce_Arrives()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (client, user) = await shared.A.ConnectAsync();
            await using var _ = client;

            Assert.Equal((1, 1), await shared.C.DeliverAsync($"0,0,{user}", "hello"));
            Assert.Equal("hello", await client.ReceiveTextAsync());
        }
    }
}
