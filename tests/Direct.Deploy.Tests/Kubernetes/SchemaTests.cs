using Direct.Deploy.Tests.Scripts;

namespace Direct.Deploy.Tests.Kubernetes;

/// <summary>
/// Twice against what Kubernetes publishes. Its own .NET client, read strictly, refuses unknown fields and values of a wrong type; npm's
/// kubernetes-models has the OpenAPI schemas, and refuses what is missing, and wrong types and formats.
/// </summary>
public sealed class SchemaTests
{
    [Theory]
    [MemberData(nameof(Overlay.All), MemberType = typeof(Overlay))]
    public async Task Objects_OfAnOverlay_HaveNoUnknownField(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.NotEmpty(overlay.Objects); // it is read strictly
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
