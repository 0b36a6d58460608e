using System.Collections.Immutable;
using Direct.Testing.Processes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Direct.Architecture.Tests;

/// <summary>Provides the code of a project as the compiler sees it.</summary>
internal static class ProjectCode
{
    private static readonly CSharpParseOptions ParseOptions =
        new(LanguageVersion.CSharp14, DocumentationMode.Diagnose, preprocessorSymbols: ["NET", "NET10_0", "NET10_0_OR_GREATER"]);

    // Source generators do not run here, so members that they would write are missing (a partial method, an interface of options). That hides
    // nothing that is written by hand.
    private static readonly ImmutableHashSet<string> MissingMembers = ["CS8795", "CS0535", "CS9248"];

    // Written by the build: what this project is compiled against, which includes all that the projects are.
    private static readonly Dictionary<string, MetadataReference> References = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "references.txt"))
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => (MetadataReference)MetadataReference.CreateFromFile(path));

    /// <summary>Reads a project, with the global usings that its last build has written.</summary>
    /// <param name="folder">Where it is. The name of the folder is the name of the project.</param>
    public static CSharpCompilation Read(string folder)
    {
        var name = Path.GetFileName(folder);
        var usings = Path.Combine("obj", Repository.Configuration, "net10.0", $"{name}.GlobalUsings.g.cs");
        var files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .Where(file => !file.StartsWith("bin/", StringComparison.Ordinal) && !file.StartsWith("obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Append(usings);
        return Of(name, files.Select(file => (file, File.ReadAllText(Path.Combine(folder, file)))));
    }

    /// <summary>Makes a project of texts.</summary>
    public static CSharpCompilation Of(string name, params IEnumerable<(string Path, string Text)> files)
    {
        var trees = files.Select(file => CSharpSyntaxTree.ParseText(file.Text, ParseOptions, file.Path)).ToList();
        var isProgram = trees.Any(tree => tree.GetCompilationUnitRoot().Members.Any(SyntaxKind.GlobalStatement));
        return CSharpCompilation.Create(
            name,
            trees,
            References.Where(reference => reference.Key != name).Select(reference => reference.Value),
            new CSharpCompilationOptions(
                isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>Returns the errors. Where there is one, a reference may be hidden.</summary>
    public static IEnumerable<string> Errors(Compilation code) => code.GetDiagnostics()
        .Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error && !MissingMembers.Contains(diagnostic.Id))
        .Select(diagnostic => diagnostic.ToString());
}
