using Direct.Deploy.Tests.Settings;
using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

public sealed class IngressTests
{
    [Theory]
    [InlineData("overlays/production")]
    [InlineData("overlays/autoscaling")]
    [InlineData("overlays/encrypted")]
    public async Task Ingress_ForBrowsers_LeadsToWebSocketsAlone(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        var ingress = Assert.Single(overlay.Of<V1Ingress>());
        var backends = ingress.Spec.Rules.SelectMany(rule => rule.Http.Paths).Select(path => path.Backend.Service).ToList();
        Assert.All(backends, backend => Assert.Equal("direct-websockets", backend.Name));
        Assert.All(backends, backend => Assert.Contains(overlay.Named<V1Service>(backend.Name).Spec.Ports, port => port.Name == backend.Port.Name));
        Assert.Equal(ingress.Spec.Rules.Select(rule => rule.Host), ingress.Spec.Tls.SelectMany(tls => tls.Hosts));
    }

    [Fact]
    public async Task Ingress_WhileAWebSocketIsIdle_WaitsLongerThanItsGateway()
    {
        var overlay = await Overlay.RenderAsync("overlays/production");

        var told = Assert.Single(overlay.Of<V1Ingress>()).Metadata.Annotations;
        var silence = 10 * ProgramSettings.Gateway.Default("Direct:Connections:ReadTimeout");
        Assert.True(Seconds(told["nginx.ingress.kubernetes.io/proxy-read-timeout"]) >= silence);
        Assert.True(Seconds(told["nginx.ingress.kubernetes.io/proxy-send-timeout"]) >= silence);
    }

    private static int Seconds(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
