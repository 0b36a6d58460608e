using System.Collections.Concurrent;
using Direct.Testing.Processes;
using k8s;
using k8s.Models;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>Represents the objects that <c>kubectl kustomize</c> renders from a folder of deploy/kubernetes.</summary>
internal sealed class Overlay
{
    private static readonly ConcurrentDictionary<string, Task<Overlay>> Rendered = new();

    private Overlay(string yaml)
    {
        Yaml = yaml;
        Objects = [.. Models.Read(yaml)];
    }

    public string Yaml { get; }

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects { get; }

    public IEnumerable<V1Deployment> Deployments => Of<V1Deployment>();

    public IEnumerable<V1Service> Services => Of<V1Service>();

    /// <summary>Gets the folders that users apply.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetDirectories(Path.Combine(Folder, "overlays")).Select(folder => "overlays/" + Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    public static IEnumerable<TheoryDataRow<string>> All => Names.Select(name => new TheoryDataRow<string>(name));

    private static string Folder => Path.Combine(Repository.Root, "deploy", "kubernetes");

    /// <summary>Renders an overlay, once for all tests; skips the test without kubectl.</summary>
    public static Task<Overlay> RenderAsync(string name)
    {
        var kubectl = InstalledProgram.Find("kubectl");
        Assert.SkipWhen(kubectl is null, "kubectl is missing; install it: apt-get install kubernetes-client");
        return Rendered.GetOrAdd(name, _ => RenderAsync(kubectl!, name));
    }

    public IEnumerable<T> Of<T>() => Objects.OfType<T>();

    public T Named<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => Assert.Single(Of<T>(), found => found.Metadata.Name == name);

    public V1Deployment Deployment(string component) => Named<V1Deployment>("direct-" + component);

    private static async Task<Overlay> RenderAsync(string kubectl, string name)
    {
        await using var command = Command.Start(kubectl, ["kustomize", Path.Combine(Folder, name)]);
        await command.EndsWellAsync(TimeSpan.FromSeconds(60));
        return new Overlay(command.StandardOutput);
    }
}
