using k8s;
using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>Reads manifests into the types of the official Kubernetes client, which are generated from the published API.</summary>
internal static class Models
{
    /// <summary>Parses manifests; a field that the API does not have throws.</summary>
    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> Read(string yaml) =>
        KubernetesYaml.LoadAllFromString(yaml, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>();
}
