namespace Direct.Compare.Servers;

internal static class DotnetHost
{
    /// <summary>What starts assemblies: the host that runs us, or the one on the path.</summary>
    public static string Path { get; } =
        Environment.ProcessPath is { } path && System.IO.Path.GetFileNameWithoutExtension(path) == "dotnet" ? path
        : Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root ? System.IO.Path.Combine(root, "dotnet")
        : "dotnet";
}
