using System.Text.Json;
using Direct.Edge.Hosting;
using Direct.Edge.Tests.Fakes;
using Microsoft.OpenApi;

namespace Direct.Edge.Tests.Description;

public sealed class ApiDescriptionTests
{
    private const string AddedByPrograms = "/metrics";

    private static readonly string Text = Documents.Read("Direct.Edge/Description/openapi.json");
    private static readonly JsonElement Document = JsonDocument.Parse(Text).RootElement;

    [Fact]
    public void Document_AsALibraryReadsIt_IsValidOpenApi31()
    {
        var diagnostic = OpenApiDocument.Parse(Text, "json").Diagnostic!;

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, diagnostic.SpecificationVersion);
        Assert.Empty(diagnostic.Errors);
        Assert.Empty(diagnostic.Warnings);
    }

    [Theory]
    [InlineData("\"operationId\"", "\"operationID\"")]
    [InlineData("\"version\":", "\"versoin\":")]
    [InlineData("#/components/schemas/", "#/components/schemas/No")]
    public void Document_WithAnError_IsRefusedByTheLibrary(string right, string wrong)
    {
        Assert.Contains(right, Text, StringComparison.Ordinal);

        var diagnostic = OpenApiDocument.Parse(Text.Replace(right, wrong, StringComparison.Ordinal), "json").Diagnostic!;

        Assert.NotEmpty(diagnostic.Errors.Concat(diagnostic.Warnings));
    }

    [Theory]
    [InlineData("Direct:Endpoints:ManagementPort=0")]
    [InlineData("Direct:Endpoints:ManagementPort=18085")]
    public async Task Paths_OfTheDescription_AreThoseOfTheRouter(string setting)
    {
        await using var node = TestComposition.Create("env=test", setting);

        Assert.Equal(
            node.Get<DirectRouter>().Paths.Append(AddedByPrograms).Order(StringComparer.Ordinal),
            Document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
    }

    // The library checks references to schemas, but not those to parameters and responses.
    [Fact]
    public void References_All_LeadSomewhere()
    {
        var references = References(Document).Distinct().ToList();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.True(
            reference.TrimStart('#', '/').Split('/').Aggregate((JsonElement?)Document, (at, name) => at?.TryGetProperty(name, out var next) == true ? next : null) is not null,
            reference));
    }

    // The library does not check this either.
    [Fact]
    public void OperationIds_All_AreUnique()
    {
        var ids = Document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Select(operation => operation.Value.GetProperty("operationId").GetString())
            .ToList();

        Assert.Equal(ids.Distinct(), ids);
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(
            property => property.NameEquals("$ref") ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
