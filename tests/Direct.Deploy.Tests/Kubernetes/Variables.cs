using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>Provides the environment of a pod's container.</summary>
internal static class Variables
{
    /// <summary>
    /// Returns all variables. The value is null when it is not in the overlay: it is a field of the pod, or part of a secret that is created
    /// elsewhere.
    /// </summary>
    public static IReadOnlyDictionary<string, string?> Of(Overlay overlay, V1PodTemplateSpec pod)
    {
        var variables = new Dictionary<string, string?>();
        var container = pod.Container();
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in Contents(overlay, source))
            {
                variables[name] = value;
            }
        }

        foreach (var variable in container.Env ?? [])
        {
            variables[variable.Name] = variable.Value;
        }

        return variables;
    }

    private static IEnumerable<(string Name, string? Value)> Contents(Overlay overlay, V1EnvFromSource source) => source switch
    {
        { ConfigMapRef: { } map } => overlay.Named<V1ConfigMap>(map.Name).Data.Select(pair => (pair.Key, (string?)pair.Value)),
        { SecretRef: { } secret } => (overlay.Of<V1Secret>().SingleOrDefault(made => made.Metadata.Name == secret.Name)?.Data?.Keys ?? [])
            .Select(name => (name, (string?)null)),
        _ => [],
    };
}
