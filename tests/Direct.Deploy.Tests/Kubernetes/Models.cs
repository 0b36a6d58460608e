using k8s;
using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>Reads manifests into the types of the Kubernetes project's own client, which are made from the published API.</summary>
internal static class Models
{
    /// <summary>Returns a field that the API does not have throws.</summary>
    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> Read(string yaml) =>
        KubernetesYaml.LoadAllFromString(yaml, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>();
}
