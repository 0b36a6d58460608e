using System.Reflection;
using System.Text;

namespace Direct.Node.Tests.Coverage;

public sealed class ProtocolTableTests(ITestOutputHelper output)
{
    private static readonly ILookup<string, string> Tests = FindTests();

    [Fact]
    public void Rows_AllNames_AreUnique()
    {
        var repeated = ProtocolTable.Rows.GroupBy(row => row.Name).Where(rows => rows.Count() > 1).Select(rows => rows.Key);

        Assert.Empty(repeated);
    }

    [Fact]
    public void Rows_All_HaveATest()
    {
        Print();

        var uncovered = ProtocolTable.Rows.Where(row => !IsCovered(row)).Select(row => row.Name);

        Assert.Empty(uncovered);
    }

    [Fact]
    public void Rows_ThatOtherProjectsCover_NameTestsThatRun()
    {
        var missing = ProtocolTable.Rows.SelectMany(row => row.Elsewhere).Where(test => !test.Runs);

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("    [Fact]\n    public async Task Do_It_Works()\n", true)]
    [InlineData("    [Theory]\n    [InlineData(1)]\n    public void Do_It_Works(int times)\n", true)]
    [InlineData("    [Fact(Skip = \"not yet\")]\n    public async Task Do_It_Works()\n", false)]
    [InlineData("    [Fact]\n    public async Task Do_It_WorksTwice()\n", false)]
    [InlineData("    [Fact]\n    public void Other() { }\n\n    public async Task Do_It_Works()\n", false)]
    [InlineData("    // public async Task Do_It_Works()\n", false)]
    public void IsTest_SourceOfAClass_TellsTestsThatRun(string source, bool expected) =>
        Assert.Equal(expected, new TestElsewhere("Any.Tests", "Any", "Do_It_Works").IsTest(source));

    [Fact]
    public void Attributes_EveryRowTheyName_Exists()
    {
        var known = ProtocolTable.Rows.Select(row => row.Name).ToHashSet();

        var unknown = Tests.Where(tests => !known.Contains(tests.Key)).Select(tests => $"\"{tests.Key}\" on {string.Join(", ", tests)}");

        Assert.Empty(unknown);
    }

    private static bool IsCovered(ProtocolRow row) => Tests.Contains(row.Name) || row.Elsewhere.Count > 0;

    private static ILookup<string, string> FindTests() => (
        from type in typeof(ProtocolTableTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where method.GetCustomAttributes<FactAttribute>().Any()
        from attribute in method.GetCustomAttributes<ProtocolRowAttribute>().Concat(type.GetCustomAttributes<ProtocolRowAttribute>())
        select (attribute.Row, Test: $"{type.Name}.{method.Name}"))
        .ToLookup(pair => pair.Row, pair => pair.Test);

    /// <summary>The table as Markdown: into the test's output, and into the folder of the assembly.</summary>
    private void Print()
    {
        var table = new StringBuilder("| row | promise | tests |\n| --- | --- | --- |\n");
        foreach (var row in ProtocolTable.Rows)
        {
            var tests = string.Join("<br>", Tests[row.Name].Concat(row.Elsewhere.Select(test => test.ToString())).Distinct());
            table.Append($"| {row.Name} | {row.Promise} | {tests} |\n");
        }

        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "protocol-coverage.md"), table.ToString());
        output.WriteLine(table.ToString());
    }
}
