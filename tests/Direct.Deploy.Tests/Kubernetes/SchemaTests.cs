using Direct.Deploy.Tests.Scripts;
using YamlDotNet.Core;

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

    [Theory]
    [InlineData("minReadySeconds: ", "minReadySecond: ")]
    [InlineData("preStop:", "prestop:")]
    [InlineData("maxUnavailable: 0", "maxUnavailabel: 0")]
    [InlineData("failureThreshold: 60", "failureThreshold: sixty")]
    [InlineData("policyTypes:", "policyType:")]
    public async Task Reading_AFieldThatIsMisspelt_Throws(string right, string wrong)
    {
        var overlay = await Overlay.RenderAsync("overlays/production");
        Assert.Contains(right, overlay.Yaml, StringComparison.Ordinal);

        Assert.Throws<YamlException>(() => Models.Read(overlay.Yaml.Replace(right, wrong, StringComparison.Ordinal)).ToList());
    }

    [Theory]
    [InlineData("containerPort: 8085", "hostPort: 8085", "containerPort")]
    [InlineData("periodSeconds: 10", "periodSeconds: often", "integer")]
    public async Task Validating_WhatIsMissingOrOfAWrongType_Fails(string right, string wrong, string expected)
    {
        var overlay = await Overlay.RenderAsync("overlays/production");
        Assert.Contains(right, overlay.Yaml, StringComparison.Ordinal);

        var (exitCode, output) = await ValidateAsync(overlay.Yaml.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> ValidateAsync(string yaml) => NodeScript.RunAsync("Kubernetes/validate-objects.mjs", yaml);
}
