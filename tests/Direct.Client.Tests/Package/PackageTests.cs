using System.IO.Compression;
using System.Xml.Linq;
using Direct.Testing.Processes;

namespace Direct.Client.Tests.Package;

/// <summary>Tests what <c>dotnet pack</c> puts into the package.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("direct-client-package");

    [Fact]
    public async Task Pack_OfTheClient_HasLibraryDocumentationReadmeAndSymbolsWithoutWarnings()
    {
        var project = Path.Combine(Repository.Root, "clients", "dotnet", "Direct.Client", "Direct.Client.csproj");
        await using var pack = Command.Start(
            Repository.DotnetHost,
            ["pack", project, "--configuration", Repository.Configuration, "--no-build", "--output", _folder.FullName, "--nologo"],
            environment: new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_UI_LANGUAGE"] = "en" });
        await pack.EndsWellAsync(TimeSpan.FromSeconds(60));

        Assert.DoesNotContain("warning", pack.Output, StringComparison.OrdinalIgnoreCase);
        string[] libraries = [.. Files("nupkg").Where(name => name.StartsWith("lib/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(["lib/net10.0/Direct.Client.dll", "lib/net10.0/Direct.Client.xml"], libraries);
        Assert.Contains("README.md", Files("nupkg"));
        Assert.Contains("lib/net10.0/Direct.Client.pdb", Files("snupkg"));
        var metadata = XDocument.Parse(await ReadAsync("Direct.Client.nuspec")).Descendants().ToLookup(element => element.Name.LocalName);
        Assert.Equal(("Direct.Client", BuildVersion.Read(), "README.md", "MIT"), (metadata["id"].Single().Value, metadata["version"].Single().Value, metadata["readme"].Single().Value, metadata["license"].Single().Value));
        Assert.StartsWith("MIT License", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "LICENSE"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(["Microsoft.Extensions.Http"], metadata["dependency"].Select(element => element.Attribute("id")!.Value));
    }

    [Fact]
    public async Task Documentation_OfThePackage_DescribesEveryPublicType()
    {
        var documentation = XDocument.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(typeof(DirectSignals).Assembly.Location, "xml"), TestContext.Current.CancellationToken));
        var described = documentation.Descendants("member").Where(member => member.Element("summary") is not null).Select(member => member.Attribute("name")!.Value).ToHashSet();

        Assert.All(typeof(DirectSignals).Assembly.GetExportedTypes(), type => Assert.Contains($"T:{type.FullName}", described));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private List<string> Files(string extension)
    {
        using var package = Open(extension);
        return [.. package.Entries.Select(entry => entry.FullName)];
    }

    private async Task<string> ReadAsync(string name)
    {
        await using var package = Open("nupkg");
        using var reader = new StreamReader(await package.GetEntry(name)!.OpenAsync(TestContext.Current.CancellationToken));
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private ZipArchive Open(string extension) => ZipFile.OpenRead(Assert.Single(_folder.GetFiles($"*.{extension}")).FullName);
}
