using Direct.Testing.Processes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Direct.Architecture.Tests;

/// <summary>
/// Tests that the folders of each product project depend on each other in one direction. This also holds for top-level folders with all their
/// subfolders.
/// </summary>
public sealed class FolderTests
{
    public static TheoryData<string> Projects =>
        [.. Directory.GetFiles(Repository.Root, "Direct.*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfAProject_DependOneWay(string project)
    {
        var code = ProjectCode.Read(Path.Combine(Repository.Root, project));

        var (errors, cycle) = (ProjectCode.Errors(code), FindCycle(code));

        Assert.Empty(errors);
        Assert.True(cycle is null, $"{project}: {cycle}");
    }

    [Theory]
    [InlineData("public const int Port = Low.Low.Port;")]
    [InlineData("[System.Obsolete(Low.Low.Text)] public int Port;")]
    [InlineData("public string Port = nameof(Low.Low.Run);")]
    [InlineData("/// <summary><see cref=\"Low.Low\"/></summary>\npublic int Port;")]
    [InlineData("public bool Port(object it) => it is Low.Low { Size: 3 };")]
    [InlineData("public void Port() { var it = Middle.Middle.Make(); }")]
    [InlineData("public void Port() => Middle.Middle.Take(new());")]
    public void Folders_ThatReferToEachOther_AreReported(string member)
    {
        // The reference back is a constant, which the compiled assembly would not show.
        var code = Project(
            ("High/High.cs", $"namespace P.High; public class High {{ public const int Max = 3; {member} }}"),
            ("Low/Low.cs", "namespace P.Low; public class Low { public const int Port = 1; public const string Text = \"\"; public int Size = P.High.High.Max; public static void Run() { } }"),
            ("Middle/Middle.cs", "namespace P.Middle; public class Middle { public static P.Low.Low Make() => new(); public static void Take(P.Low.Low it) { } }"));

        var cycle = FindCycle(code);

        Assert.StartsWith("High -> ", cycle, StringComparison.Ordinal);
        Assert.Contains("\n    Low/Low.cs:1 -> High.Max", cycle, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_ThatDependOneWay_AreNotReported()
    {
        var code = Project(
            ("Program.cs", "P.High.High.Run();"),
            ("High/High.cs", "namespace P.High; public class High { public static int Run() => P.Low.Low.Max; }"),
            ("High/Part/Part.cs", "namespace P.High.Part; public class Part { public int Max = P.Low.Low.Max + P.High.High.Run(); }"),
            ("Low/Low.cs", "namespace P.Low; public class Low { public const int Max = 3; }"));

        Assert.Null(FindCycle(code));
    }

    private static string? FindCycle(Compilation code)
    {
        var references = FolderReferences.Find(code).ToList();
        return new FolderGraph(references).FindCycle() ?? FolderGraph.OfTopFolders(references).FindCycle();
    }

    private static CSharpCompilation Project(params (string Path, string Text)[] files)
    {
        var code = ProjectCode.Of("P", files);
        Assert.Empty(ProjectCode.Errors(code));
        return code;
    }
}
