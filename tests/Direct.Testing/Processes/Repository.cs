using System.Reflection;
using System.Runtime.InteropServices;

namespace Direct.Testing.Processes;

/// <summary>Finds the projects of this checkout and the dotnet host that runs them.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Gets the build configuration of the tests, Debug or Release. The programs under test are those of the same configuration.</summary>
    public static string Configuration { get; } =
        typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    /// <summary>Gets the path of the dotnet host that runs the tests; nodes run on the same host.</summary>
    public static string DotnetHost { get; } = FindHost();

    /// <summary>
    /// Returns the path of a program's assembly. <c>./test</c> publishes the programs as users start them, and passes their folder to the tests. A
    /// test that is run directly uses the build output.
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
        // The runtime directory is <root>/shared/Microsoft.NETCore.App/<version>/.
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var host = Path.Combine(root, "dotnet");
        return File.Exists(host) ? host : "dotnet";
    }
}
