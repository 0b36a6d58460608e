using Direct.Deploy.Tests.Settings;
using Direct.Testing.Processes;
using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>Tests the deployments, their probes and their termination.</summary>
public sealed class WorkloadTests
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Selectors_OfAnOverlay_MatchTheirPodsAndNoOthers(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(overlay.Deployments, deployment =>
        {
            var matched = Pods.Of(overlay).Where(pod => deployment.Spec.Selector.Matches(pod.Template));
            Assert.Equal([deployment.Metadata.Name], matched.Select(pod => pod.Owner));
        });
        Assert.All(overlay.Deployments.SelectMany(deployment => deployment.Spec.Template.Spec.TopologySpreadConstraints, (owner, spread) => (owner, spread)), pair =>
            Assert.True(pair.spread.LabelSelector.Matches(pair.owner.Spec.Template)));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Pods_OfAnOverlay_MayDoNothingButTheirWork(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(Pods.Of(overlay), pod =>
        {
            var (spec, container) = (pod.Template.Spec, pod.Template.Container());
            Assert.False(spec.AutomountServiceAccountToken);
            Assert.False(spec.EnableServiceLinks);
            Assert.True(spec.SecurityContext.RunAsNonRoot);
            Assert.True(spec.SecurityContext.RunAsUser > 0);
            Assert.Equal("RuntimeDefault", spec.SecurityContext.SeccompProfile.Type);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Null(container.SecurityContext.Capabilities.Add);
            Assert.Contains("memory", container.Resources.Limits.Keys);
            Assert.Equal(["cpu", "memory"], container.Resources.Requests.Keys.Order());
        });
        Assert.All(overlay.Of<V1ServiceAccount>(), account => Assert.False(account.AutomountServiceAccountToken));
    }

    // The user of the images is 1654, the APP_UID of their base image.
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Images_OfAnOverlay_HaveAFixedVersionAndTheirOwnUser(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        var direct = Pods.Of(overlay).Where(pod => pod.Owner != "direct-mysql").ToList();
        Assert.All(direct, pod => Assert.Equal(1654, pod.Template.Spec.SecurityContext.RunAsUser));
        Assert.All(direct, pod => Assert.EndsWith(":" + BuildVersion.Read(), pod.Template.Container().Image, StringComparison.Ordinal));
        Assert.All(Pods.Of(overlay), pod => Assert.Matches(@":[0-9.]+$|@sha256:[0-9a-f]{64}$", pod.Template.Container().Image));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Ports_OfAnOverlay_AreThoseOfThePrograms(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.Equal(
            [("silos", ProgramSettings.Silo.Default("Direct:Silo:SiloPort")), ("gateways", ProgramSettings.Silo.Default("Direct:Silo:GatewayPort")), ("management", Told(overlay, "silo", "Direct__Silo__ManagementPort"))],
            Ports(overlay.Deployment("silo")));
        Assert.Equal(
            [("websockets", ProgramSettings.Gateway.Default("Direct:Endpoints:Port")), ("management", Told(overlay, "gateway", "Direct__Endpoints__ManagementPort"))],
            Ports(overlay.Deployment("gateway")));
        Assert.Equal(Told(overlay, "gateway", "Direct__Endpoints__Port"), overlay.Deployment("gateway").Container().Port("websockets"));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Services_OfAnOverlay_LeadToPortsThatPodsHave(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(overlay.Services, service =>
        {
            var (_, pod) = Assert.Single(Pods.Of(overlay), pod => Pods.Matches(service.Spec.Selector, pod.Template));
            Assert.All(service.Spec.Ports, port => pod.Container().Port(port.TargetPort));
        });
        Assert.Equal("websockets", Target(overlay, "direct-websockets"));
        Assert.Equal("management", Target(overlay, "direct-signals"));
        Assert.All(overlay.Services, service => Assert.True(service.Spec.Type is null or "ClusterIP", $"{service.Metadata.Name} is open to the world"));
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Probes_OfAnOverlay_AskTheManagementPort(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(overlay.Deployments, deployment =>
        {
            var container = deployment.Container();
            Assert.Equal("/livez", container.StartupProbe.HttpGet.Path);
            Assert.Equal("/livez", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/readyz", container.ReadinessProbe.HttpGet.Path);
            V1Probe[] probes = [container.StartupProbe, container.LivenessProbe, container.ReadinessProbe];
            Assert.All(probes, probe => Assert.Equal(container.Port("management"), container.Port(probe.HttpGet.Port)));
            Assert.All(probes, probe => Assert.True(probe.TimeoutSeconds >= 2, "the default of one second is short for a busy node"));
            Assert.True(container.StartupProbe.PeriodSeconds * container.StartupProbe.FailureThreshold >= 120);
            Assert.True(container.LivenessProbe.PeriodSeconds * container.LivenessProbe.FailureThreshold >= 60);
        });

        // The failed readiness probe of a draining gateway must be detected before it closes its port.
        var ready = overlay.Deployment("gateway").Container().ReadinessProbe;
        Assert.True(ready.PeriodSeconds * ready.FailureThreshold < EndTimes.GatewayReadyDelay);
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task GracePeriods_OfAnOverlay_AreLongerThanTheEnd(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        var (gateway, silo) = (overlay.Deployment("gateway").Spec.Template.Spec, overlay.Deployment("silo").Spec.Template.Spec);
        var pause = gateway.Containers[0].Lifecycle.PreStop.Sleep.Seconds;
        Assert.InRange(pause, 3, 15);
        Assert.True(gateway.TerminationGracePeriodSeconds >= pause + EndTimes.Gateway);
        Assert.True(silo.TerminationGracePeriodSeconds >= EndTimes.Silo + 5);
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Upgrades_OfAnOverlay_TakeNoneAwayBeforeItsReplacementIsReady(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(overlay.Deployments, deployment =>
        {
            Assert.Equal("RollingUpdate", deployment.Spec.Strategy.Type);
            Assert.Equal("0", deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
            Assert.Equal("1", deployment.Spec.Strategy.RollingUpdate.MaxSurge.Value);
        });
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task DisruptionBudgets_OfAnOverlay_LetOneGoAndNotAll(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(overlay.Deployments, deployment =>
        {
            var budget = Assert.Single(overlay.Of<V1PodDisruptionBudget>(), budget => budget.Spec.Selector.Matches(deployment.Spec.Template));
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value); // with zero, or with minAvailable equal to the number of pods, no node could be drained
            Assert.Null(budget.Spec.MinAvailable);
            Assert.Equal("AlwaysAllow", budget.Spec.UnhealthyPodEvictionPolicy);
            Assert.True(name == "overlays/small" || (deployment.Spec.Replicas ?? Smallest(overlay, deployment)) >= 2, $"one {deployment.Metadata.Name} less is none");
        });
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task SchemaJob_OfAnOverlay_AppliesTheSchemaAndGoesAway(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        var job = Assert.Single(overlay.Of<V1Job>());
        Assert.Equal(overlay.Deployment("silo").Container().Image, job.Spec.Template.Container().Image);
        Assert.Equal(["cluster=mysql", "schema=apply"], job.Spec.Template.Container().Args);
        Assert.True(job.Spec.TtlSecondsAfterFinished is > 0);
        Assert.True(job.Spec.BackoffLimit is > 0); // the database may start later
    }

    private static IEnumerable<(string, int)> Ports(V1Deployment deployment) => deployment.Container().Ports.Select(port => (port.Name, port.ContainerPort));

    private static int Told(Overlay overlay, string component, string variable) =>
        int.Parse(Variables.Of(overlay, overlay.Deployment(component).Spec.Template)[variable]!, System.Globalization.CultureInfo.InvariantCulture);

    private static string Target(Overlay overlay, string service) => Assert.Single(overlay.Named<V1Service>(service).Spec.Ports).TargetPort.Value;

    private static int? Smallest(Overlay overlay, V1Deployment deployment) =>
        overlay.Of<V2HorizontalPodAutoscaler>().Single(scaler => scaler.Spec.ScaleTargetRef.Name == deployment.Metadata.Name).Spec.MinReplicas;
}
