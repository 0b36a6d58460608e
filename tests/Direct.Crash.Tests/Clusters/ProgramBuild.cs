using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Represents one build of the silo and the gateway, with one folder for each program; the build of this checkout when <c>Folder</c> is null.</summary>
internal sealed record ProgramBuild(string? Folder)
{
    /// <summary>Gets the programs that were built with the tests.</summary>
    public static ProgramBuild Current { get; } = new(Folder: null);

    public string AssemblyPath(string name) => Folder is null ? Repository.AssemblyPath(name) : Path.Combine(Folder, name, name + ".dll");

    /// <summary>Returns the options that start a program of this build.</summary>
    public NodeOptions Options(string name) => new()
    {
        AssemblyName = name,
        Command = Folder is null ? null : [Repository.DotnetHost, AssemblyPath(name)],
        WorkingDirectory = Path.GetDirectoryName(AssemblyPath(name)),
    };
}
