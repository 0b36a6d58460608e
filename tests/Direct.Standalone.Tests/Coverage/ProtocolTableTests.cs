using System.Reflection;
using System.Text;

namespace Direct.Standalone.Tests.Coverage;

public sealed class ProtocolTableTests(ITestOutputHelper output)
{
    private static readonly ILookup<string, string> Tests = FindTests();

    public static TheoryData<string> WaitingRows => [.. ProtocolTable.Rows.Where(row => row.WaitsFor is not null).Select(row => row.Name)];

    [Fact]
    public void Rows_AllNames_AreUnique()
    {
        var repeated = ProtocolTable.Rows.GroupBy(row => row.Name).Where(rows => rows.Count() > 1).Select(rows => rows.Key);

        Assert.Empty(repeated);
    }

    [Fact]
    public void Rows_EveryRowOneNodeCanShow_HasATest()
    {
        Print();

        var uncovered = ProtocolTable.Rows.Where(row => row.WaitsFor is null && !Tests.Contains(row.Name)).Select(row => row.Name);

        Assert.Empty(uncovered);
    }

    [Fact]
    public void Rows_ThatWait_HaveNoTestYet()
    {
        var contradictions = ProtocolTable.Rows.Where(row => row.WaitsFor is not null && Tests.Contains(row.Name)).Select(row => row.Name);

        Assert.Empty(contradictions);
    }

    [Fact]
    public void Attributes_EveryRowTheyName_Exists()
    {
        var known = ProtocolTable.Rows.Select(row => row.Name).ToHashSet();

        var unknown = Tests.Where(tests => !known.Contains(tests.Key)).Select(tests => $"\"{tests.Key}\" on {string.Join(", ", tests)}");

        Assert.Empty(unknown);
    }

    [Theory]
    [MemberData(nameof(WaitingRows))]
    public void Row_ThatOneNodeCannotShow_Waits(string name) => Assert.Skip(ProtocolTable.Rows.Single(row => row.Name == name).WaitsFor!);

    private static ILookup<string, string> FindTests() => (
        from type in typeof(ProtocolTableTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where method.GetCustomAttributes<FactAttribute>().Any()
        from attribute in method.GetCustomAttributes<ProtocolRowAttribute>().Concat(type.GetCustomAttributes<ProtocolRowAttribute>())
        select (attribute.Row, Test: $"{type.Name}.{method.Name}"))
        .ToLookup(pair => pair.Row, pair => pair.Test);

    /// <summary>The table as Markdown: into the test's output, and beside the assembly for whoever wants to keep it.</summary>
    private void Print()
    {
        var table = new StringBuilder("| row | promise | tests |\n| --- | --- | --- |\n");
        foreach (var row in ProtocolTable.Rows)
        {
            var tests = row.WaitsFor ?? string.Join("<br>", Tests[row.Name].Distinct());
            table.Append($"| {row.Name} | {row.Promise} | {tests} |\n");
        }

        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "protocol-coverage.md"), table.ToString());
        output.WriteLine(table.ToString());
    }
}
