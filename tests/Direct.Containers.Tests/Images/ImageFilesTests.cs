using System.Reflection.PortableExecutable;
using System.Text.Json;
using Direct.Containers.Tests.Engine;
using Direct.Testing;

namespace Direct.Containers.Tests.Images;

/// <summary>Tests the files of the images.</summary>
public sealed class ImageFilesTests(ContainerEngine engine)
{
    /// <summary>
    /// Tests the packages of an image, and that assemblies are compiled ahead of time. The restore for one architecture has no lock file, so no other
    /// check would find a package that it resolves differently.
    /// </summary>
    [Theory]
    [InlineData("Direct.Silo")]
    [InlineData("Direct.Gateway", "Direct.Edge.dll")]
    public async Task Image_HasThePackagesOfTheLockFileAndNativeCode(string program, params string[] assemblies)
    {
        engine.Images.Require();
        var folder = await FilesAsync(program);

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
        Assert.All(
            [.. assemblies, program + ".dll", "Direct.Grains.dll", "Orleans.Runtime.dll", "Orleans.Core.dll"],
            assembly => Assert.True(HasNativeCode(Path.Combine(folder, assembly)), $"{assembly} is left to the compiler at run time"));
    }

    // The images have no shell, so their files are copied from a container that is never started.
    private async Task<string> FilesAsync(string program)
    {
        var name = $"{engine.Id}-files-{program}".ToLowerInvariant();
        var folder = Path.Combine(engine.Folder, "files-" + program);
        await engine.RunAsync("create", "--name", name, program == "Direct.Silo" ? engine.Images.Silo : engine.Images.Gateway);
        await engine.RunAsync("cp", $"{name}:/app", folder);
        await engine.RunAsync("rm", name);
        return folder;
    }

    private static bool HasNativeCode(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
