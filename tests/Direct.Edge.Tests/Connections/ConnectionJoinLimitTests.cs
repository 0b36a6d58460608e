using System.Net;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;

namespace Direct.Edge.Tests.Connections;

/// <summary>
/// Tests the limits of joins. Regression test: fifty connections joined 30,000 random rooms within seconds, each with three grains in the cluster,
/// because joins were limited only by the frame rate.
/// </summary>
public sealed class ConnectionJoinLimitTests : IDisposable
{
    private static readonly IPAddress Address = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress Other = IPAddress.Parse("203.0.113.8");

    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Join_MoreThanTheBurst_ClosesWithMessageRateAndJoinsNoMore()
    {
        _gateway.Limits.JoinsPerSecond = 2;
        var client = await _gateway.EnterAsync();

        await JoinAsync(client, 4);
        Assert.Null(client.Connection.CloseReason);
        await client.JoinAsync(99, 99);

        Assert.Equal(CloseReason.MessageRate, client.Connection.CloseReason);
        Assert.Equal(0, _gateway.Signal(99, 99, 0, "nobody"));
    }

    [Fact]
    public async Task Join_AtTheRate_GoesOn()
    {
        _gateway.Limits.JoinsPerSecond = 2;
        var client = await _gateway.EnterAsync();

        for (var second = 0; second < 20; second++)
        {
            await JoinAsync(client, 2);
            _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task Broadcast_ManyMoreThanJoinsMayBe_DoesNotCountAsJoin()
    {
        _gateway.Limits.JoinsPerSecond = 1;
        var client = await _gateway.JoinAsync(5, 7);

        for (var i = 0; i < 50; i++)
        {
            await client.BroadcastAsync("hello");
        }

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task Join_MoreThanTheBurstOfTheAddress_ClosesWithAddressLimitWhicheverConnectionItIs()
    {
        (_gateway.Limits.JoinsPerSecondPerAddress, _gateway.Limits.JoinBurstPerAddress) = (1, 6);
        var (first, second, other) = (await EnterAsync(Address), await EnterAsync(Address), await EnterAsync(Other));
        await JoinAsync(first, 3);
        await JoinAsync(second, 3);

        await JoinAsync(first, 1);
        await JoinAsync(other, 6);

        Assert.Equal((CloseReason.AddressLimit, null, null), (first.Connection.CloseReason, second.Connection.CloseReason, other.Connection.CloseReason));
    }

    [Fact]
    public async Task Join_FromAnAddressWhoseConnectionsHaveAllLeft_HasNoNewBurst()
    {
        (_gateway.Limits.JoinsPerSecondPerAddress, _gateway.Limits.JoinBurstPerAddress) = (1, 6);
        var first = await EnterAsync(Address);
        await JoinAsync(first, 6);
        await first.CloseAsync();

        var second = await EnterAsync(Address);
        await JoinAsync(second, 1);

        Assert.Equal(CloseReason.AddressLimit, second.Connection.CloseReason);
    }

    private static async Task JoinAsync(InMemoryClient client, int times)
    {
        for (var i = 1; i <= times; i++)
        {
            await client.JoinAsync(i, i);
        }
    }

    private async Task<InMemoryClient> EnterAsync(IPAddress address)
    {
        var client = _gateway.Connect(address: address);
        await client.EnterAsync();
        return client;
    }
}
