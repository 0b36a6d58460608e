using System.Reflection;
using System.Runtime.InteropServices;

namespace Direct.Testing.Processes;

/// <summary>Finds the projects of this checkout and the host that runs them.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Gets the configuration of the tests, Debug or Release, so that the programs that were built with them are tested.</summary>
    public static string Configuration { get; } =
        typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    /// <summary>Gets the host that runs the tests runs the nodes too.</summary>
    public static string DotnetHost { get; } = FindHost();

    /// <summary>
    /// Returns the program as it is started by the tests. <c>./test</c> publishes the programs as users start them and names their folder; a test that is
    /// run by itself takes what was built with it.
    /// </summary>
    public static string AssemblyPath(string name) => Path.Combine(
        Environment.GetEnvironmentVariable("DIRECT_TEST_PROGRAMS") is { Length: > 0 } published
            ? Path.Combine(published, name)
            : Path.Combine(Root, name, "bin", Configuration, $"net{Environment.Version.Major}.{Environment.Version.Minor}"),
        name + ".dll");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Direct.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no Direct.sln above {AppContext.BaseDirectory}");
    }

    private static string FindHost()
    {
        // <root>/shared/Microsoft.NETCore.App/<version>/
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var host = Path.Combine(root, "dotnet");
        return File.Exists(host) ? host : "dotnet";
    }
}
