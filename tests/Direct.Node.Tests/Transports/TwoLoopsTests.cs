using Direct.Node.Tests.Nodes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Transports;

/// <summary>Represents a node with two loops: consecutive members of a room are on different threads.</summary>
public sealed class TwoLoopsNode() : TestNode(
    DirectTransport.ArgumentIfThere,
    "Direct:Endpoints:Loops=2",
    "Direct:Limits:HandshakeTimeout=00:00:01",
    "Direct:Connections:CloseTimeout=00:00:01");

public sealed class TwoLoopsTests(TwoLoopsNode node) : IClassFixture<TwoLoopsNode>
{
    [Fact]
    public void Loops_SetToTwo_AreTwo()
    {
        DirectTransport.SkipElsewhere();

        Assert.Equal(
            ["Direct loop 1", "Direct loop 2"],
            node.Process.ThreadNames.Where(name => name.StartsWith("Direct loop", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Broadcasts_OfMembersOnBothLoops_ReachEveryoneOnceInOneOrder()
    {
        const int Members = 10;
        const int Each = 300;
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        var members = new List<ProtocolClient>();
        for (var i = 0; i < Members; i++)
        {
            members.Add(await node.JoinAsync(group, channel));
        }

        var heard = members.Select(async member =>
        {
            var texts = new List<string>();
            while (texts.Count < Members * Each)
            {
                texts.Add(await member.ReceiveTextAsync());
            }

            return texts;
        }).ToArray();
        await Task.WhenAll(members.Select(async (member, number) =>
        {
            for (var i = 0; i < Each; i += 10)
            {
                await member.SendAsync(Enumerable.Range(i, 10).Select(j => ClientFrame.Text($":{number} {j}")));
            }
        }));
        var orders = await Task.WhenAll(heard);

        Assert.All(orders, order => Assert.Equal(orders[0], order));
        for (var sender = 0; sender < Members; sender++)
        {
            Assert.Equal(
                Enumerable.Range(0, Each).Select(i => $"{sender} {i}"),
                orders[0].Where(text => text.StartsWith($"{sender} ", StringComparison.Ordinal)));
        }

        Assert.Equal(Members, await node.CountAsync(group, channel, 0));
        foreach (var member in members)
        {
            Assert.Equal("count", await member.ReceiveTextAsync());
            await member.CloseAsync();
        }

        Assert.Equal(0, await node.CountAsync(group, channel, 0));
    }

    // The number of a closed descriptor is reused at once by the next connection, perhaps on the other loop. Work that remains for the old connection
    // must not affect the new one. So clients connect and disconnect in every way as fast as possible, next to members that would detect an error.
    [Fact]
    public async Task Clients_ThatComeAndVanishInEveryWay_DisturbNobodyAndLeaveNothing()
    {
        await node.WaitUntilEmptyAsync();
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        var before = node.Process.OpenSockets;
        var steady = new List<ProtocolClient>();
        for (var i = 0; i < 4; i++)
        {
            steady.Add(await node.JoinAsync(group, channel));
        }

        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var strangers = Enumerable.Range(0, 12).Select(
            stranger => Task.Run(() => ComeAndGoAsync(new Random(stranger), group, channel, ending.Token))).ToArray();
        var said = 0;
        while (!ending.IsCancellationRequested)
        {
            await steady[said % 4].BroadcastAsync($"steady {said}");
            foreach (var member in steady)
            {
                string text;
                while ((text = await member.ReceiveTextAsync()) != $"steady {said}")
                {
                    Assert.Equal("stranger", text);
                }
            }

            said++;
        }

        var visits = (await Task.WhenAll(strangers)).Sum();
        Assert.InRange(visits, 500, int.MaxValue); // otherwise the load was too low for this test
        await node.WaitForCountAsync(4);
        foreach (var member in steady)
        {
            await member.DisposeAsync();
        }

        await node.WaitUntilEmptyAsync();
        await Deadline.UntilAsync(
            "the descriptors come back", () => node.Process.OpenSockets <= before,
            actual: () => $"{before} before, {node.Process.OpenSockets} now");
    }

    private async Task<int> ComeAndGoAsync(Random random, long group, long channel, CancellationToken ending)
    {
        var head = System.Text.Encoding.ASCII.GetBytes(UsualHeads.Plain);
        byte[] session =
        [
            .. head, .. ClientFrame.Text("token").Encode(), .. ClientFrame.Text($"{group},{channel}").Encode(),
            .. ClientFrame.Text(":stranger").Encode(), .. ClientFrame.Text(":stranger").Encode(),
        ];
        var visits = 0;
        for (; !ending.IsCancellationRequested; visits++)
        {
            await using var client = await ProtocolClient.OpenAsync(node.Port);
            try
            {
                switch (random.Next(7))
                {
                    case 0: // sends nothing
                        break;
                    case 1: // half a head
                        await client.SendRawAsync(head.AsMemory(0, random.Next(1, head.Length)));
                        break;
                    case 2: // is handed over to Kestrel, and leaves
                        await client.SendRawAsync("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
                        break;
                    case 3: // leaves before the response
                        await client.SendRawAsync(session);
                        break;
                    case 4: // leaves during the session
                        await client.SendRawAsync(session);
                        await client.ReadResponseAsync();
                        break;
                    case 5: // sends while it leaves
                        await client.SendRawAsync(session);
                        await client.SendAsync(Enumerable.Repeat(ClientFrame.Text(":stranger"), 20));
                        break;
                    default: // a correct session
                        await client.SendRawAsync(head);
                        await client.ReadResponseAsync();
                        await client.CloseAsync();
                        break;
                }
            }
            catch (IOException)
            {
                // The connection was refused under load; the members detect any error.
            }

            if (random.Next(3) > 0)
            {
                client.Abort();
            }
        }

        return visits;
    }
}
