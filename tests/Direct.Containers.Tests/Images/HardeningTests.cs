using Direct.Containers.Tests.Engine;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Containers.Tests.Images;

/// <summary>Tests the images as containers with all restrictions of the manifests, from the inside.</summary>
public sealed class HardeningTests(ContainerEngine engine)
{
    private static readonly string[] Hardened =
        ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "400m", "--tmpfs", "/tmp:size=64m"];

    [Fact]
    public async Task Gateway_InAHardenedContainer_ServesAndEndsWell()
    {
        engine.Images.Require();
        var (port, management) = (FreePort.Take(), FreePort.Take());
        await using var container = await Container.StartAsync(
            engine, "gateway",
            [.. Hardened, "--publish", $"127.0.0.1:{port}:8085", "--publish", $"127.0.0.1:{management}:9085", "--env", "Direct__Endpoints__ManagementPort=9085", engine.Images.Gateway, "env=test"]);
        await container.WaitReadyAsync(new Uri($"http://127.0.0.1:{management}/readyz"));

        await Hardening.AssertAsync(engine, container, "Direct.Gateway.dll");
        await using var browser = await ProtocolClient.ConnectWithTokenAsync(port);
        await browser.JoinAsync(7, 1);
        await browser.SyncAsync();
        var receipt = await Container.Http.GetStringAsync(new Uri($"http://127.0.0.1:{management}/!direct-signal?part=7,1,0&message=hello"), TestContext.Current.CancellationToken);
        Assert.Contains("\"delivered\":1", receipt, StringComparison.Ordinal);
        Assert.Equal("hello", await browser.ReceiveTextAsync());
        var metrics = await Container.Http.GetStringAsync(new Uri($"http://127.0.0.1:{management}/metrics"), TestContext.Current.CancellationToken);
        Assert.Matches("(?m)^direct_gateway_connections_active({.*})? 1\\b", metrics); // the metric that the autoscaler uses
        await AssertEndsWellAsync(container, seconds: 60);
    }

    [Fact]
    public async Task Silo_InAHardenedContainer_IsReadyAndEndsWell()
    {
        engine.Images.Require();
        await using var container = await Container.StartAsync(engine, "silo", [.. Hardened, engine.Images.Silo]);
        await container.WaitForLogAsync("is ready in cluster"); // a silo without a cluster listens at 127.0.0.1 only

        await Hardening.AssertAsync(engine, container, "Direct.Silo.dll");
        await AssertEndsWellAsync(container, seconds: 70);
    }

    [Fact]
    public async Task Users_OfTheImages_AreNumbers()
    {
        engine.Images.Require();

        // Kubernetes cannot verify that a user name is not root's.
        Assert.Equal("1654", await engine.RunAsync("image", "inspect", "--format", "{{.Config.User}}", engine.Images.Gateway));
        Assert.Equal("1654", await engine.RunAsync("image", "inspect", "--format", "{{.Config.User}}", engine.Images.Silo));
    }

    [Fact]
    public async Task Gateway_ToldWhatItDoesNotKnow_SaysSoAndExitsOne()
    {
        engine.Images.Require();

        var (code, output) = await engine.TryAsync(["run", "--rm", "--name", $"{engine.Id}-wrong", .. Hardened, engine.Images.Gateway, "env=test", "Direct:Connections:Nonsense=1"]);

        Assert.Equal(1, code);
        Assert.Contains("Nonsense", output, StringComparison.Ordinal);
    }

    private static async Task AssertEndsWellAsync(Container container, int seconds)
    {
        await container.StopAsync(seconds);

        Assert.Equal(0, await container.ExitCodeAsync()); // 137 would mean that it was killed after its timeout
        LogLines.AssertNone(
            (await container.LogAsync()).Split('\n'),
            line => LogLines.IsWarningOrError(line) || line.Contains("denied", StringComparison.Ordinal) || line.Contains("Read-only", StringComparison.Ordinal));
    }
}
