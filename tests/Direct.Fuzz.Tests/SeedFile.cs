using Direct.Testing.Processes;

namespace Direct.Fuzz.Tests;

/// <summary>Provides the committed inputs by target and name.</summary>
internal static class SeedFile
{
    private static readonly string Root = Path.Combine(Repository.Root, "stress", "Direct.Fuzz", "Seeds");

    public static IReadOnlyList<(string Target, string Name)> All { get; } =
    [
        .. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Select(static path => (Path.GetFileName(Path.GetDirectoryName(path)!), Path.GetFileName(path)))
            .Order(),
    ];

    public static byte[] Read(string target, string name) => File.ReadAllBytes(Path.Combine(Root, target, name));
}
