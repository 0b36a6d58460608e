using Direct.Deploy.Tests.Settings;
using Direct.Testing;
using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>Tests that the settings of pods exist in the settings documents.</summary>
public sealed class SettingsTests
{
    private const string Readme = "deploy/kubernetes/README.md";

    private static readonly string[] SecretNames = ["direct-gateway", "direct-schema", "direct-silo"];
    private static readonly string[] SecretWords = ["Password", "ConnectionString", "Keys", "PASSWORD"];

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Variables_OfAnOverlay_AreSettings(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(Names(overlay, "gateway"), variable => Assert.True(ProgramSettings.Gateway.Knows(variable), $"a gateway does not know {variable}"));
        Assert.All(Names(overlay, "silo"), variable => Assert.True(ProgramSettings.Silo.Knows(variable), $"a silo does not know {variable}"));
        Assert.Contains("Direct__Cluster__Provider", Names(overlay, "gateway"));
        Assert.Contains("Direct__Cluster__Provider", Names(overlay, "silo"));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Secrets_OfAnOverlay_AreReferredToAndNeverWrittenIntoPods(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(Pods.Of(overlay).SelectMany(pod => pod.Template.Container().Env ?? []), variable =>
            Assert.DoesNotContain(SecretWords, word => variable.Name.Contains(word, StringComparison.Ordinal)));
        Assert.All(overlay.Of<V1ConfigMap>().SelectMany(map => map.Data.Keys), key =>
            Assert.DoesNotContain(SecretWords, word => key.Contains(word, StringComparison.Ordinal)));
        Assert.Equal(SecretNames, Pods.Of(overlay).Where(pod => pod.Owner != "direct-mysql").Select(Secret).Order());
    }

    [Theory]
    [InlineData("overlays/production")]
    [InlineData("overlays/autoscaling")]
    [InlineData("overlays/encrypted")]
    public async Task Secrets_InProduction_AreNotInTheFiles(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.Empty(overlay.Of<V1Secret>());
        Assert.All(SecretNames, secret =>
            Assert.Contains($"kubectl -n direct create secret generic {secret} ", Documents.Read(Readme), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secrets_ForTrials_HoldWhatProgramsRead()
    {
        var overlay = await Overlay.RenderAsync("overlays/small");

        Assert.Subset(Names(overlay, "gateway").ToHashSet(), new HashSet<string> { "Direct__Cluster__ConnectionString", "Direct__Signals__Keys__0", "Direct__Node__Environment" });
        Assert.Contains("Direct__Cluster__ConnectionString", Names(overlay, "silo"));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Scrapers_OfAnOverlay_AreToldWhereMetricsAre(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(overlay.Deployments, deployment =>
        {
            var told = deployment.Spec.Template.Metadata.Annotations;
            Assert.Equal("true", told["prometheus.io/scrape"]);
            Assert.Equal("/metrics", told["prometheus.io/path"]);
            Assert.Equal($"{deployment.Container().Port("management")}", told["prometheus.io/port"]);
        });
    }

    private static IEnumerable<string> Names(Overlay overlay, string component) => Variables.Of(overlay, overlay.Deployment(component).Spec.Template).Keys;

    private static string Secret((string Owner, V1PodTemplateSpec Template) pod)
    {
        var name = Assert.Single(pod.Template.Container().EnvFrom, source => source.SecretRef is not null).SecretRef.Name;
        return string.Join('-', name.Split('-').Take(2)); // without the hash of a generated secret
    }
}
