using System.Text;
using Direct.Edge.Node;
using Direct.Edge.Tests.Fakes;
using Direct.Health;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Tests.Node;

public sealed class NodeHealthTests : IDisposable
{
    private readonly FakeLifetime _lifetime = new();
    private readonly NodeGate _gate = new();

    public void Dispose() => _lifetime.Dispose();

    [Theory]
    [InlineData(true, true, false, 200)]
    [InlineData(false, true, false, 503)]
    [InlineData(true, false, false, 503)]
    [InlineData(true, true, true, 503)]
    [InlineData(false, false, true, 503)]
    public async Task ReadyAsync_AnyState_Is200OnlyWhenNewConnectionsAreWelcome(bool hasStarted, bool isOpen, bool isDraining, int status)
    {
        var health = new NodeHealth(_gate, _lifetime);
        Array.ForEach([(hasStarted, _lifetime.Start), (!isOpen, _gate.Shut), (isDraining, (Action)health.StartDraining)], step =>
        {
            if (step.Item1)
            {
                step.Item2();
            }
        });

        var context = new DefaultHttpContext();
        await health.ReadyAsync(context);

        Assert.Equal((status, "no-store"), (context.Response.StatusCode, context.Response.Headers.CacheControl.ToString()));
    }

    [Fact]
    public async Task ReadyAsync_GateOpenedAgain_Is200()
    {
        _lifetime.Start();
        _gate.Shut();
        _gate.Open();

        var context = new DefaultHttpContext();
        await new NodeHealth(_gate, _lifetime).ReadyAsync(context);

        Assert.Equal(200, context.Response.StatusCode);
    }

    [Theory]
    [InlineData(null, "ready\n")]
    [InlineData("sessions", "degraded: sessions\n")]
    public async Task ReadyAsync_NodeThatLacksSomething_Is200AndSaysWhat(string? lacking, string text)
    {
        _lifetime.Start();
        _gate.Degrade("part", lacking);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };

        await new NodeHealth(_gate, _lifetime).ReadyAsync(context);

        Assert.Equal((200, text), (context.Response.StatusCode, System.Text.Encoding.UTF8.GetString(body.ToArray())));
    }

    [Fact]
    public async Task ReadyAsync_NodeThatWaits_SaysForWhat()
    {
        _lifetime.Start();
        _gate.Block("no silo is active");
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };

        await new NodeHealth(_gate, _lifetime).ReadyAsync(context);

        Assert.Equal((503, "not connected to the cluster: no silo is active\n"), (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray())));
    }

    /// <summary>Tests an unreachable node. The detection may be wrong, so the node still accepts connections.</summary>
    [Fact]
    public async Task ReadyAsync_NodeThatCannotBeReached_Is503AndAdmitsConnections()
    {
        _lifetime.Start();
        _gate.UnreachableReason = "no silo can reach this gateway";
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };

        await new NodeHealth(_gate, _lifetime).ReadyAsync(context);

        Assert.Equal((503, "no silo can reach this gateway\n", true), (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()), _gate.IsOpen));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Block_UntilTheClusterIsReached_NamesTheReason(bool opens)
    {
        _gate.Block("no silo is active");
        var blocked = (_gate.IsOpen, _gate.NotReadyReason);

        (opens ? _gate.Open : (Action)_gate.Shut)();

        Assert.Equal((false, "no silo is active"), blocked);
        Assert.Equal((opens, null), (_gate.IsOpen, _gate.NotReadyReason));
    }

    [Fact]
    public async Task LiveAsync_Always_Is200()
    {
        var context = new DefaultHttpContext();

        await HealthAnswer.LiveAsync(context);

        Assert.Equal(200, context.Response.StatusCode);
    }
}
