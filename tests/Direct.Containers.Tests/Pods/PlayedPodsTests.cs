using System.Globalization;
using System.Net;
using Direct.Containers.Tests.Engine;
using Direct.Containers.Tests.Images;
using Direct.Testing;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;
using k8s.Models;

namespace Direct.Containers.Tests.Pods;

/// <summary>Tests the manifests as pods, with their commands, environment, config maps, secrets, users, volumes, limits and probes.</summary>
public sealed class PlayedPodsTests(ContainerEngine engine)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Small_PlayedByPodman_BecomesACluster()
    {
        SlowTests.SkipIfUnwanted();
        engine.Require();
        Assert.SkipUnless(engine.IsPodman, "docker plays no pods");
        engine.Images.Require();
        var overlay = await SmallOverlay.RenderAsync(engine);
        await PlayAsync(overlay);

        await Deadline.UntilAsync("the schema is there", async () => (await Of("schema").LogAsync()).Contains("of the membership schema", StringComparison.Ordinal), Patience);
        await AnswersAsync(overlay, "silo");
        await AnswersAsync(overlay, "gateway");
        await Hardening.AssertAsync(engine, Of("silo"), "Direct.Silo.dll");
        await Hardening.AssertAsync(engine, Of("gateway"), "Direct.Gateway.dll");
        foreach (var component in (string[])["silo", "gateway", "mysql"])
        {
            var limit = await Of(component).InspectAsync("{{.HostConfig.Memory}}");
            Assert.Equal(Limit(overlay.Probed[$"direct-{component}"]), long.Parse(limit, CultureInfo.InvariantCulture));
        }

        await SignalAsync(overlay);
        await EndsAsync("gateway", 60);
        await EndsAsync("silo", 70);
    }

    private async Task PlayAsync(SmallOverlay overlay)
    {
        foreach (var secret in overlay.Secrets)
        {
            var file = Path.Combine(engine.Folder, secret.Name());
            await File.WriteAllTextAsync(file, SmallOverlay.Json(secret));
            await engine.RunAsync("secret", "create", secret.Name(), file);
        }

        var yaml = Path.Combine(engine.Folder, "small.yaml");
        await File.WriteAllTextAsync(yaml, overlay.Yaml());
        var network = $"{engine.Id}-pods";
        await engine.RunAsync("network", "create", "--internal", network);
        await engine.RunAsync("play", "kube", "--network", network, yaml);
    }

    // Calls the probes as a kubelet does.
    private async Task AnswersAsync(SmallOverlay overlay, string component)
    {
        var container = overlay.Probed[$"direct-{component}"];
        foreach (var probe in (V1Probe[])[container.StartupProbe, container.LivenessProbe, container.ReadinessProbe])
        {
            var port = container.Ports.Single(port => port.Name == probe.HttpGet.Port.Value).ContainerPort;
            await Of(component).WaitReadyAsync(async () => new UriBuilder("http", $"{await AddressAsync(component)}", port, probe.HttpGet.Path).Uri);
        }
    }

    private async Task SignalAsync(SmallOverlay overlay)
    {
        var address = await AddressAsync("gateway");
        await using var browser = await ProtocolClient.ConnectWithTokenAsync(8085, options: HandshakeOptions.Default with { Address = address });
        await browser.JoinAsync(7, 1);
        await browser.SyncAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{address}:9085/!direct-signal?part=7,1,0&message=hello"));
        var secret = overlay.Secrets.Single(secret => secret.Name().StartsWith("direct-gateway", StringComparison.Ordinal));
        request.Headers.Authorization = new("Bearer", SmallOverlay.Value(secret, "Direct__Signals__Keys__0"));
        using var response = await Container.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Contains("\"delivered\":1", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("hello", await browser.ReceiveTextAsync());
    }

    private async Task EndsAsync(string component, int seconds)
    {
        await Of(component).StopAsync(seconds);

        Assert.Equal(0, await Of(component).ExitCodeAsync());
    }

    private static long Limit(V1Container container) => (long)container.Resources.Limits["memory"].ToDecimal();

    // podman names a container after its pod and the container.
    private Container Of(string component) => new(engine, $"direct-{component}-{component}");

    // Returns the address of the pod.
    private async Task<IPAddress> AddressAsync(string component)
    {
        var infra = await engine.RunAsync("pod", "inspect", "--format", "{{.InfraContainerID}}", $"direct-{component}");
        return IPAddress.Parse(await engine.RunAsync("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", infra));
    }
}
