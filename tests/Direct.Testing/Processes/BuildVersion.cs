using System.Xml.Linq;

namespace Direct.Testing.Processes;

/// <summary>Provides the version of every assembly of this build.</summary>
public static class BuildVersion
{
    public static string Read() =>
        XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
}
