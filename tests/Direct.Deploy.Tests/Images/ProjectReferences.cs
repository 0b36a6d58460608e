using System.Xml.Linq;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Images;

/// <summary>Which projects a project is built from.</summary>
internal static class ProjectReferences
{
    /// <summary>Returns the project itself and all it refers to, by the names of their folders in the root.</summary>
    public static IReadOnlySet<string> Closure(string project)
    {
        var found = new HashSet<string>();
        Add(project, found);
        return found;
    }

    private static void Add(string project, HashSet<string> found)
    {
        if (found.Add(project))
        {
            var file = XDocument.Load(Path.Combine(Repository.Root, project, project + ".csproj"));
            foreach (var reference in file.Descendants("ProjectReference"))
            {
                Add(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value), found);
            }
        }
    }
}
