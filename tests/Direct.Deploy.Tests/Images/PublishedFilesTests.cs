using System.Reflection.PortableExecutable;
using System.Text.Json;
using Direct.Testing;

namespace Direct.Deploy.Tests.Images;

/// <summary>Tests the files of the images.</summary>
public sealed class PublishedFilesTests(PublishedPrograms programs)
{
    [Theory]
    [InlineData("silo", "Direct.Silo.dll", "Direct.Grains.dll", "Orleans.Runtime.dll", "Orleans.Core.dll")]
    [InlineData("gateway", "Direct.Gateway.dll", "Direct.Edge.dll", "Direct.Grains.dll", "Orleans.Runtime.dll", "Orleans.Core.dll")]
    public async Task Assemblies_OfAnImage_AreCompiledAheadOfTime(string target, params string[] assemblies)
    {
        var folder = await programs.FolderAsync(target);

        Assert.All(assemblies, assembly => Assert.True(HasNativeCode(Path.Combine(folder, assembly)), $"{assembly} is left to the compiler at run time"));
    }

    /// <summary>
    /// Tests the packages of an image. The restore for one architecture has no lock file, so no other check would find a package that it resolves
    /// differently.
    /// </summary>
    [Theory]
    [InlineData("silo", "Direct.Silo")]
    [InlineData("gateway", "Direct.Gateway")]
    public async Task Packages_OfAnImage_AreThoseOfTheLockFile(string target, string program)
    {
        var folder = await programs.FolderAsync(target);

        using var published = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, program + ".deps.json"), TestContext.Current.CancellationToken));
        using var locked = JsonDocument.Parse(Documents.Read($"{program}/packages.lock.json"));
        var expected = locked.RootElement.GetProperty("dependencies").EnumerateObject().Single().Value.EnumerateObject()
            .Where(package => package.Value.TryGetProperty("resolved", out _))
            .Select(package => $"{package.Name}/{package.Value.GetProperty("resolved").GetString()}")
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var packages = published.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => library.Name)
            .ToList();

        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.Contains(package, expected));
    }

    private static bool HasNativeCode(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
