using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>Tests which pods may connect to each other, by evaluating the policies as the network does.</summary>
public sealed class NetworkPolicyTests
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Policies_OfAnOverlay_DenyEverythingFirst(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        var deny = overlay.Named<V1NetworkPolicy>("direct-default-deny").Spec;
        Assert.Equal(["Ingress", "Egress"], deny.PolicyTypes);
        Assert.Null(deny.PodSelector.MatchLabels);
        Assert.Null(deny.Ingress);
        Assert.Null(deny.Egress);
    }

    [Theory]
    [InlineData("gateway", "silo", 30000, true)]
    [InlineData("silo", "silo", 11111, true)]
    [InlineData("gateway", "silo", 11111, false)]
    [InlineData("silo", "silo", 30000, false)]
    [InlineData("silo", "gateway", 8085, false)]
    [InlineData("gateway", "gateway", 8085, false)]
    [InlineData("gateway", "gateway", 9085, false)]
    [InlineData("gateway", "silo", 9086, false)]
    public async Task Pods_OfTheCluster_SpeakOnlyToWhomTheyMust(string from, string to, int port, bool expected)
    {
        var overlay = await Overlay.RenderAsync("overlays/production");
        var (caller, called) = (overlay.Deployment(from).Spec.Template, overlay.Deployment(to).Spec.Template);

        Assert.Equal(expected, Leaves(overlay, caller, called, port) && Enters(overlay, called, caller, port));
    }

    [Theory]
    [InlineData("ingress-nginx", "gateway", 8085, true)]
    [InlineData("ingress-nginx", "gateway", 9085, false)]
    [InlineData("ingress-nginx", "silo", 30000, false)]
    [InlineData("monitoring", "gateway", 9085, true)]
    [InlineData("monitoring", "silo", 9086, true)]
    [InlineData("monitoring", "gateway", 8085, false)]
    [InlineData("default", "gateway", 9085, false)]
    [InlineData("default", "silo", 11111, false)]
    public async Task Namespaces_OfOthers_ReachOnlyWhatIsForThem(string from, string to, int port, bool expected)
    {
        var overlay = await Overlay.RenderAsync("overlays/production");

        Assert.Equal(expected, Enters(overlay, overlay.Deployment(to).Spec.Template, Named(from), port));
    }

    [Theory]
    [InlineData(9085, true)]
    [InlineData(8085, false)]
    public async Task Backends_ByTheirLabel_ReachTheSignals(int port, bool expected)
    {
        var overlay = await Overlay.RenderAsync("overlays/production");
        var shop = Named("shop");
        shop["direct-backend"] = "true";

        Assert.Equal(expected, Enters(overlay, overlay.Deployment("gateway").Spec.Template, shop, port));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task EveryProgram_OfAnOverlay_ReachesTheDatabaseAndNames(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(Pods.Of(overlay).Where(pod => pod.Owner != "direct-mysql"), pod =>
        {
            Assert.Contains(Rules(overlay, pod.Template), rule => rule.To is null && Has(rule.Ports, 3306));
            Assert.Contains(Rules(overlay, pod.Template), rule => Has(rule.Ports, 53) && Has(rule.Ports, 53, "UDP"));
        });
    }

    [Fact]
    public async Task Database_ForTrials_IsReachedByAllProgramsOfDirect()
    {
        var overlay = await Overlay.RenderAsync("overlays/small");
        var database = Pods.Of(overlay).Single(pod => pod.Owner == "direct-mysql").Template;

        Assert.All(Pods.Of(overlay).Where(pod => pod.Owner != "direct-mysql"), pod => Assert.True(Enters(overlay, database, pod.Template, 3306)));
        Assert.False(Enters(overlay, database, Named("default"), 3306));
    }

    private static Dictionary<string, string> Named(string space) => new() { ["kubernetes.io/metadata.name"] = space };

    private static IEnumerable<V1NetworkPolicyEgressRule> Rules(Overlay overlay, V1PodTemplateSpec caller) =>
        overlay.Of<V1NetworkPolicy>().Where(policy => policy.Spec.PodSelector.Matches(caller)).SelectMany(policy => policy.Spec.Egress ?? []);

    private static bool Leaves(Overlay overlay, V1PodTemplateSpec caller, V1PodTemplateSpec called, int port) =>
        Rules(overlay, caller).Any(rule => Has(rule.Ports, port) && (rule.To is null || rule.To.Any(peer => IsPod(peer, called))));

    private static bool Enters(Overlay overlay, V1PodTemplateSpec called, V1PodTemplateSpec caller, int port) =>
        Ways(overlay, called, port).Any(peer => IsPod(peer, caller));

    private static bool Enters(Overlay overlay, V1PodTemplateSpec called, Dictionary<string, string> space, int port) =>
        Ways(overlay, called, port).Any(peer => peer.NamespaceSelector is { } selector && selector.MatchLabels.All(label => space.GetValueOrDefault(label.Key) == label.Value));

    // A rule without `from` would allow every peer; none of our rules may be like that.
    private static IEnumerable<V1NetworkPolicyPeer> Ways(Overlay overlay, V1PodTemplateSpec called, int port) =>
        overlay.Of<V1NetworkPolicy>()
            .Where(policy => policy.Spec.PodSelector.Matches(called))
            .SelectMany(policy => policy.Spec.Ingress ?? [])
            .Where(rule => Has(rule.Ports, port))
            .SelectMany(rule => Assert.IsAssignableFrom<IEnumerable<V1NetworkPolicyPeer>>(rule.FromProperty));

    private static bool IsPod(V1NetworkPolicyPeer peer, V1PodTemplateSpec pod) =>
        peer.NamespaceSelector is null && peer.PodSelector is { } selector && selector.Matches(pod);

    private static bool Has(IEnumerable<V1NetworkPolicyPort>? ports, int port, string protocol = "TCP") =>
        ports?.Any(open => open.Protocol == protocol && open.Port.Value == $"{port}") == true;
}
