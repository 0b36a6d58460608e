using Direct.Deploy.Tests.Scripts;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>
/// Tests the manifests with two sources that Kubernetes publishes. Its .NET client, in strict mode, rejects unknown fields and values of a wrong
/// type. The npm package kubernetes-models contains the OpenAPI schemas, and rejects missing fields and wrong types and formats.
/// </summary>
public sealed class SchemaTests
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Objects_OfAnOverlay_HaveNoUnknownField(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.NotEmpty(overlay.Objects); // the overlay is parsed strictly
    }

    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Objects_OfAnOverlay_AreValid(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        var (exitCode, output) = await ValidateAsync(overlay.Yaml);

        Assert.True(exitCode == 0, output);
        Assert.Equal(overlay.Objects.Count, output.Split('\n').Count(line => line.StartsWith("valid: ", StringComparison.Ordinal)));
    }

    private static Task<(int ExitCode, string Output)> ValidateAsync(string yaml) => NodeScript.RunAsync("Kubernetes/validate-objects.mjs", yaml);
}
