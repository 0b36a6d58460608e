using Direct.Testing;
using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

public sealed class AutoscalerTests
{
    private const string AdapterRule = "deploy/kubernetes/overlays/autoscaling/prometheus-adapter.yaml";

    [Fact]
    public async Task Autoscaler_ByConnections_AsksForAMetricThatExists()
    {
        var metric = Assert.Single((await ScalerAsync()).Spec.Metrics).Pods.Metric.Name;

        var instruments = Documents.Table("docs/reference/metrics.md", "instrument").Select(row => row[0].Replace('.', '_'));
        Assert.Contains(metric, instruments);
        Assert.Contains($"as: {metric}", Documents.Read(AdapterRule), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Autoscaler_WhenConnectionsGo_TakesGatewaysAwaySlowly()
    {
        var behavior = (await ScalerAsync()).Spec.Behavior;

        Assert.True(behavior.ScaleDown.StabilizationWindowSeconds >= 600);
        var down = Assert.Single(behavior.ScaleDown.Policies);
        Assert.Equal(("Pods", 1), (down.Type, down.Value));
        Assert.True(down.PeriodSeconds >= 300);
        Assert.Equal(0, behavior.ScaleUp.StabilizationWindowSeconds);
    }

    [Fact]
    public async Task Autoscaler_OfGateways_HasTheNumberToItself()
    {
        var overlay = await Overlay.RenderAsync("overlays/autoscaling");
        var scaler = await ScalerAsync();

        var target = Assert.Single(overlay.Deployments, deployment => deployment.Metadata.Name == scaler.Spec.ScaleTargetRef.Name);
        Assert.Equal(("direct-gateway", "Deployment", "apps/v1"), (target.Metadata.Name, scaler.Spec.ScaleTargetRef.Kind, scaler.Spec.ScaleTargetRef.ApiVersion));
        Assert.Null(target.Spec.Replicas);
        Assert.True(scaler.Spec.MinReplicas >= 2 && scaler.Spec.MaxReplicas > scaler.Spec.MinReplicas);
    }

    private static async Task<V2HorizontalPodAutoscaler> ScalerAsync() =>
        Assert.Single((await Overlay.RenderAsync("overlays/autoscaling")).Of<V2HorizontalPodAutoscaler>());
}
