using System.Collections.Immutable;
using Direct.Testing.Processes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Direct.Architecture.Tests;

/// <summary>Compiles the code of a project for analysis.</summary>
internal static class ProjectCode
{
    private static readonly CSharpParseOptions ParseOptions =
        new(LanguageVersion.CSharp14, DocumentationMode.Diagnose, preprocessorSymbols: ["NET", "NET10_0", "NET10_0_OR_GREATER"]);

    // Source generators do not run here, so the members that they generate are missing (a partial method, an interface of options). This does not hide handwritten code.
    private static readonly ImmutableHashSet<string> MissingMembers = ["CS8795", "CS0535", "CS9248"];

    // The build writes this file. It lists the references of this project, which include those of all projects under test.
    private static readonly Dictionary<string, MetadataReference> References = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "references.txt"))
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => (MetadataReference)MetadataReference.CreateFromFile(path));

    /// <summary>Reads a project, with the global usings that its last build has written.</summary>
    /// <param name="folder">The folder of the project. Its name is the name of the project.</param>
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

    /// <summary>Creates a project from texts.</summary>
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

    /// <summary>Returns the compiler errors. An error may hide a reference.</summary>
    public static IEnumerable<string> Errors(Compilation code) => code.GetDiagnostics()
        .Where(diagnostic => diagnostic.Severity is DiagnosticSeverity.Error && !MissingMembers.Contains(diagnostic.Id))
        .Select(diagnostic => diagnostic.ToString());
}
