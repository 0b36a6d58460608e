using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

internal static class Pods
{
    /// <summary>Returns every pod template of an overlay, with the name of the object that owns it.</summary>
    public static IEnumerable<(string Owner, V1PodTemplateSpec Template)> Of(Overlay overlay) =>
    [
        .. overlay.Of<V1Deployment>().Select(owner => (owner.Metadata.Name, owner.Spec.Template)),
        .. overlay.Of<V1StatefulSet>().Select(owner => (owner.Metadata.Name, owner.Spec.Template)),
        .. overlay.Of<V1Job>().Select(owner => (owner.Metadata.Name, owner.Spec.Template)),
    ];

    public static bool Matches(this V1LabelSelector selector, V1PodTemplateSpec pod)
    {
        Assert.Null(selector.MatchExpressions);
        return Matches(selector.MatchLabels, pod);
    }

    public static bool Matches(IDictionary<string, string>? labels, V1PodTemplateSpec pod) =>
        (labels ?? new Dictionary<string, string>()).All(label => pod.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <summary>Returns the only container of a pod.</summary>
    public static V1Container Container(this V1PodTemplateSpec pod) => Assert.Single(pod.Spec.Containers);

    public static V1Container Container(this V1Deployment deployment) => deployment.Spec.Template.Container();

    /// <summary>Returns the number of a port, which is given by number or by a name that the container defines.</summary>
    public static int Port(this V1Container container, IntOrString port) =>
        int.TryParse(port.Value, out var number) ? number : Assert.Single(container.Ports, named => named.Name == port.Value).ContainerPort;
}
