namespace Direct.Compare.Servers;

internal static class DotnetHost
{
    /// <summary>Finds the host that starts assemblies: the one that runs this program, or the one on the path.</summary>
    public static string Path { get; } =
        Environment.ProcessPath is { } path && System.IO.Path.GetFileNameWithoutExtension(path) == "dotnet" ? path
        : Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? System.IO.Path.Combine(root, "dotnet")
        : "dotnet";
}
