using System.Text;
using System.Text.Json;
using Direct.Containers.Tests.Engine;
using Direct.Testing.Processes;
using k8s;
using k8s.Models;

namespace Direct.Containers.Tests.Pods;

/// <summary>
/// Represents the overlay <c>small</c> with the changes that podman 4.3 needs to play it. Each Deployment, StatefulSet and Job is one pod, and
/// secrets are podman secrets. Omitted is what podman does not support: services, network policies, budgets, the namespace and the account. Of the
/// pods, <c>status.podIP</c> is omitted, and ports, which podman would open on this machine, and probes, for which it needs curl in the image.
/// </summary>
internal sealed class SmallOverlay
{
    private SmallOverlay(IReadOnlyList<V1Pod> pods, IReadOnlyList<V1ConfigMap> configMaps, IReadOnlyList<V1Secret> secrets, IReadOnlyDictionary<string, V1Container> probed) =>
        (Pods, ConfigMaps, Secrets, Probed) = (pods, configMaps, secrets, probed);

    /// <summary>Gets the pods in the order in which they must start.</summary>
    public IReadOnlyList<V1Pod> Pods { get; }

    public IReadOnlyList<V1ConfigMap> ConfigMaps { get; }

    public IReadOnlyList<V1Secret> Secrets { get; }

    /// <summary>Gets the container of each pod as it is in the manifests, with ports and probes.</summary>
    public IReadOnlyDictionary<string, V1Container> Probed { get; }

    /// <summary>Renders the overlay; skips the test without kubectl.</summary>
    public static async Task<SmallOverlay> RenderAsync(ContainerEngine engine)
    {
        var kubectl = InstalledProgram.Find("kubectl");
        Assert.SkipWhen(kubectl is null, "kubectl is missing; install it: apt-get install kubernetes-client");
        await using var command = Command.Start(kubectl!, ["kustomize", Path.Combine(Repository.Root, "deploy", "kubernetes", "overlays", "small")]);
        await command.EndsWellAsync(TimeSpan.FromSeconds(60));

        var objects = KubernetesYaml.LoadAllFromString(command.StandardOutput);
        var mysql = objects.OfType<V1StatefulSet>().Single();
        AddClaims(mysql);
        var templates = new Dictionary<string, V1PodTemplateSpec> { [mysql.Name()] = mysql.Spec.Template };
        foreach (var job in objects.OfType<V1Job>())
        {
            templates[job.Name()] = job.Spec.Template;
        }

        foreach (var deployment in objects.OfType<V1Deployment>().OrderByDescending(deployment => deployment.Name(), StringComparer.Ordinal))
        {
            templates[deployment.Name()] = deployment.Spec.Template;
        }

        var probed = templates.ToDictionary(template => template.Key, template => Copy(template.Value.Spec.Containers.Single()));
        return new SmallOverlay(
            [.. templates.Select(template => Pod(engine, template.Key, template.Value))],
            [.. objects.OfType<V1ConfigMap>()],
            [.. objects.OfType<V1Secret>()],
            probed);
    }

    /// <summary>Returns the YAML that podman plays.</summary>
    public string Yaml() => string.Join("\n---\n", [.. ConfigMaps.Select(map => KubernetesYaml.Serialize(map)), .. Pods.Select(pod => KubernetesYaml.Serialize(pod))]);

    /// <summary>Returns a secret in podman's format: its values by name.</summary>
    public static string Json(V1Secret secret) => JsonSerializer.Serialize(secret.Data.ToDictionary(pair => pair.Key, pair => Convert.ToBase64String(pair.Value)));

    public static string Value(V1Secret secret, string key) => Encoding.UTF8.GetString(secret.Data[key]);

    private static void AddClaims(V1StatefulSet set) => set.Spec.Template.Spec.Volumes =
    [
        .. set.Spec.Template.Spec.Volumes,
        .. set.Spec.VolumeClaimTemplates.Select(claim => new V1Volume
        {
            Name = claim.Name(),
            PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = $"{set.Name()}-{claim.Name()}" },
        }),
    ];

    private static V1Pod Pod(ContainerEngine engine, string name, V1PodTemplateSpec template)
    {
        var pod = new V1Pod { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Name = name, Labels = template.Metadata.Labels }, Spec = template.Spec };
        var container = pod.Spec.Containers.Single();
        container.Image = container.Image switch
        {
            "direct-silo:0.1.0" => engine.Images.Silo,
            "direct-gateway:0.1.0" => engine.Images.Gateway,
            "mysql:8.4" => engine.Images.StandIn("mysql"),
            var other => throw new InvalidOperationException($"{other}: no such image was built"),
        };
        container.Env = [.. (container.Env ?? []).Where(variable => variable.ValueFrom?.FieldRef?.FieldPath != "status.podIP")];
        (container.Ports, container.StartupProbe, container.ReadinessProbe, container.LivenessProbe) = (null, null, null, null);

        // podman makes an emptyDir a volume of that name, which all pods would share.
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            var mount = container.VolumeMounts.Single(mount => mount.Name == volume.Name);
            mount.Name = volume.Name = $"{name}-{volume.Name}";
        }

        return pod;
    }

    private static V1Container Copy(V1Container container) => KubernetesYaml.Deserialize<V1Container>(KubernetesYaml.Serialize(container));
}
