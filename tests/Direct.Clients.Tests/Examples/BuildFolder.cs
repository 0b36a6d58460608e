namespace Direct.Clients.Tests.Examples;

/// <summary>Represents the folder of the C# program of docs/examples.md for all tests of a class: dotnet builds a file once, as long as its path is the same.</summary>
public sealed class BuildFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("direct-example-build");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
