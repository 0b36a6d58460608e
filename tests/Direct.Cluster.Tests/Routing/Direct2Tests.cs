using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Routing;

/// <summary>Connections in many rooms, on two gateways.</summary>
public sealed class Direct2Tests(SharedCluster shared)
{
    private const int Rounds = 10;

    [Fact]
    public async Task Rooms_OfConnectionsOnTwoGateways_AreInForceWhenJoined()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (group, channel) = (SharedCluster.NewNumber(), SharedCluster.NewNumber());
            await using var original = await shared.B.JoinAsync(group, channel);
            await using var here = await JoinAsync(shared.A, $"{group},{channel}", $"{group},{channel + 1_000_000}");
            await using var there = await JoinAsync(shared.B, $"{group},{channel}", $"{group},0");

            await here.SendTextAsync($"say {group},{channel} id=x #1\nhello");
            await there.SendTextAsync($"say {group},{channel} id=x{round} #2\nworld");
            var said = await there.ReceiveUntilAsync(text => text == "ok #2");
            Assert.Equal((3, 2), await shared.C.DeliverAsync($"{group},0,0", "all"));
            await here.SendTextAsync($"leave {group},{channel}\nleave {group},{channel + 1_000_000} #3");
            await here.ReceiveUntilAsync(text => text == $"left {group},{channel + 1_000_000} #3");

            Assert.Equal((2, 1), await shared.A.DeliverAsync($"{group},{channel},0", "left"));
            List<string> heard = [.. said, .. await there.ReceiveUntilAsync(text => text.EndsWith("\nleft", StringComparison.Ordinal))];
            Assert.Equal(
                ["hello", "left", "world"],
                heard.Where(text => text.StartsWith($"{group},{channel},0 ", StringComparison.Ordinal)).Select(text => text.Split('\n')[1]).Order(StringComparer.Ordinal));
            Assert.Single(heard, text => text.EndsWith("\nall", StringComparison.Ordinal));
            string[] plain = [await original.ReceiveTextAsync(), await original.ReceiveTextAsync(), await original.ReceiveTextAsync(), await original.ReceiveTextAsync()];
            Assert.Equal(["all", "hello", "left", "world"], plain.Order(StringComparer.Ordinal));
        }
    }

    private static async Task<ProtocolClient> JoinAsync(GatewayHost gateway, params string[] rooms)
    {
        var client = await ProtocolClient.ConnectAsync(gateway.Port, HandshakeOptions.Direct2);
        await client.SendTextAsync(string.Join('\n', rooms.Select(room => $"join {room}").Prepend("auth token")));
        await client.ReceiveUntilAsync(text => text.StartsWith("at 0,0,0 ", StringComparison.Ordinal));
        return client;
    }
}
