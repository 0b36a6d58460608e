using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.WebSockets;
using Opcode = Direct.Testing.WebSockets.Opcode;

namespace Direct.Edge.Tests.Connections;

public sealed class ConnectionKeepAliveTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    /// <summary>Gets every kind of frame that counts as a sign of life.</summary>
    public static TheoryData<byte, string> Frames => new()
    {
        { Opcode.Pong, "" },
        { Opcode.Ping, "x" },
        { Opcode.Text, "1,2" },
        { Opcode.Binary, ":hello" },
    };

    public void Dispose() => _gateway.Dispose();

    /// <summary>
    /// Regression test: the token timeout was counted from the last tick before a suspension, and had passed at the next tick. A connection opens
    /// here right after a suspension.
    /// </summary>
    [Fact]
    public void Open_SuspendedSinceTheLastTick_HasItsTimeForTheToken()
    {
        _gateway.Clock.Suspend(TimeSpan.FromHours(1));
        var client = _gateway.Connect();

        _gateway.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public void OnDue_NoTokenInTime_ClosesWith4003()
    {
        var client = _gateway.Connect();

        Advance(59.9);
        Assert.Null(client.Connection.CloseReason);
        Advance(0.1);

        Assert.Equal(4003, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task OnDue_StrangerWhoKeepsTalking_StillNeedsAToken()
    {
        var client = _gateway.Connect();

        for (var i = 0; i < 60; i++)
        {
            await client.SendAsync(InMemoryClient.Ping(""));
            Advance(1);
        }

        Assert.Equal(CloseReason.TokenTimeout, client.Connection.CloseReason);
    }

    [Fact]
    public async Task OnDue_TokenInTheLastMoment_Stays()
    {
        var client = _gateway.Connect();
        Advance(59.9);
        await client.EnterAsync();

        Advance(10);

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task OnDue_EveryPingInterval_SendsAPing()
    {
        var client = await _gateway.EnterAsync();
        var pings = new List<int>();

        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync(new ClientFrame(Opcode.Pong, Array.Empty<byte>()));
            Advance(1);
            pings.Add(client.Transport.Frames.Count(frame => frame.IsPing));
        }

        Assert.Equal((0, 1, 1, 2, 2, 3), (pings[28], pings[29], pings[58], pings[59], pings[88], pings[89]));
    }

    [Fact]
    public async Task OnDue_NothingHeard_ClosesWith4004()
    {
        var client = await _gateway.EnterAsync();

        Advance(59.9);
        Assert.Null(client.Connection.CloseReason);
        Advance(0.1);

        Assert.Equal((CloseReason.KeepAliveTimeout, 4004), (client.Connection.CloseReason, client.Transport.Close?.Code));
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task OnDue_AnyFrameWithinTheTime_ProvesItAlive(byte opcode, string payload)
    {
        var client = await _gateway.EnterAsync();
        Advance(59);
        await client.SendAsync(new ClientFrame(opcode, System.Text.Encoding.UTF8.GetBytes(payload)));

        Advance(59);

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task OnDue_WhatIsSentToIt_DoesNotProveItAlive()
    {
        var client = await _gateway.JoinAsync(5, 7);

        for (var i = 0; i < 61; i++)
        {
            _gateway.Signal(5, 7, 0, "hello");
            Advance(1);
        }

        Assert.Equal(CloseReason.KeepAliveTimeout, client.Connection.CloseReason);
    }

    [Fact]
    public async Task OnDue_Closing_SendsNoPing()
    {
        _gateway.Connections.CloseTimeout = TimeSpan.FromMinutes(3);
        var client = await _gateway.EnterAsync();
        client.Connection.BeginClose(CloseReason.GatewayDraining);

        Advance(120);

        Assert.Single(client.Transport.Frames);
    }

    [Fact]
    public async Task OnDue_QueueThatIsFull_ClosesAsSlow()
    {
        _gateway.Connections.QueueBytes = 100;
        var client = await _gateway.EnterAsync(new FakeTransport { Room = 0 });
        client.Connection.Send(new byte[100]);

        Advance(30.1);

        Assert.Equal(CloseReason.SlowConsumer, client.Connection.CloseReason);
    }

    private void Advance(double seconds) => _gateway.Clock.Advance(TimeSpan.FromSeconds(seconds));
}
