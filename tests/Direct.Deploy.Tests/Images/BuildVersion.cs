using System.Xml.Linq;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Images;

/// <summary>The version that everything built here has.</summary>
internal static class BuildVersion
{
    public static string Read() =>
        XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
}
