using System.Reflection;

namespace Direct.Startup;

/// <summary>Provides the version of this build, which all of its assemblies share.</summary>
internal static class ProgramVersion
{
    /// <summary>Gets the version, as programs log it.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
