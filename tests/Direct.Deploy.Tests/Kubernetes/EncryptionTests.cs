namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>Tests TLS between nodes: all nodes must use it, because otherwise they could not connect to each other.</summary>
public sealed class EncryptionTests
{
    private static readonly string[] Files = ["ca.crt", "tls.crt", "tls.key"];

    [Theory]
    [InlineData("silo")]
    [InlineData("gateway")]
    public async Task Certificates_OfANode_AreFilesThatItIsToldOfAndMayRead(string component)
    {
        var overlay = await Overlay.RenderAsync("overlays/encrypted");
        var pod = overlay.Deployment(component).Spec.Template;
        var told = Variables.Of(overlay, pod).Where(variable => variable.Key.StartsWith("Direct__ClusterTls__", StringComparison.Ordinal)).Select(variable => variable.Value);

        var volume = Assert.Single(pod.Spec.Volumes, volume => volume.Secret is not null);
        var mount = Assert.Single(pod.Container().VolumeMounts, mount => mount.Name == volume.Name);

        Assert.Equal(Files.Select(file => $"{mount.MountPath}/{file}"), told.Order());
        Assert.Null(mount.SubPath); // Kubernetes does not update a file that is mounted by subPath
        Assert.Equal("direct-nodes", volume.Secret.SecretName);
        Assert.Equal(Convert.ToInt32("440", 8), volume.Secret.DefaultMode);
        Assert.Equal(pod.Spec.SecurityContext.RunAsGroup, pod.Spec.SecurityContext.FsGroup);
    }

    [Fact]
    public async Task Volumes_OfOtherOverlays_AreTheirOwnScratchAlone()
    {
        var overlay = await Overlay.RenderAsync("overlays/production");

        Assert.All(overlay.Deployments.SelectMany(deployment => deployment.Spec.Template.Spec.Volumes), volume => Assert.NotNull(volume.EmptyDir));
    }
}
