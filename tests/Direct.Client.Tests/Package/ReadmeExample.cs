using System.Reflection;
using System.Text.RegularExpressions;
using Direct.Testing.Processes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Direct.Client.Tests.Package;

/// <summary>Compiles a program of the client's README, and runs it in this process.</summary>
internal static partial class ReadmeExample
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>Runs the program that contains <paramref name="text"/>, with another address in place of <c>localhost:8085</c>, until it ends.</summary>
    public static Task RunAsync(string text, string address)
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "clients", "dotnet", "Direct.Client", "README.md"));
        var program = Assert.Single(Block().Matches(readme).Select(match => match.Groups["code"].Value), code => code.Contains(text, StringComparison.Ordinal));
        using var assembly = new MemoryStream();
        var result = CSharpCompilation.Create(
            $"example-{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(Usings), CSharpSyntaxTree.ParseText(program.Replace("localhost:8085", address, StringComparison.Ordinal))],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)).Emit(assembly);
        Assert.Empty(result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
        var entry = Assembly.Load(assembly.ToArray()).EntryPoint!;

        // The entry point waits for the program.
        return Task.Run(() => entry.Invoke(null, [Array.Empty<string>()]));
    }

    [GeneratedRegex("^```csharp\\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
