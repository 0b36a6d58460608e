namespace Direct.Deploy.Tests.Kubernetes;

public sealed class RenderTests
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Kustomize_OfAnOverlay_RendersTheWholeCluster(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        string[] kinds = [.. overlay.Objects.Select(rendered => rendered.Kind).Distinct()];
        Assert.Subset(kinds.ToHashSet(), new HashSet<string> { "ConfigMap", "Deployment", "Job", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount" });
        Assert.Equal(["direct-gateway", "direct-silo"], overlay.Deployments.Select(deployment => deployment.Metadata.Name).Order());
        Assert.All(overlay.Objects.Where(rendered => rendered.Kind != "Namespace"), rendered => Assert.Equal("direct", rendered.Metadata.NamespaceProperty));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task ConfigMaps_OfAnOverlay_ChangeTheirNameWithTheirContent(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(
            overlay.Of<k8s.Models.V1ConfigMap>().Select(map => map.Metadata.Name),
            map => Assert.Matches("^direct-(silo|gateway)-[a-z0-9]{10}$", map));
    }
}
