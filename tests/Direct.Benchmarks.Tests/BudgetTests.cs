using System.Text.Json;

namespace Direct.Benchmarks.Tests;

public sealed class BudgetTests
{
    public static TheoryData<string> Benchmarks => [.. Benchmark.All.Keys];

    [Theory]
    [MemberData(nameof(Benchmarks))]
    public void AllocatedBytes_OfABenchmark_AreWithinItsBudget(string name)
    {
#if DEBUG
        Assert.Skip("Debug builds allocate what optimised code does not: an async method's state machine, for one.");
#endif
        var allocatedBytes = Benchmark.All[name].AllocatedBytes();

        var error = Budgets.Error(name, allocatedBytes, Budgets.All);
        Assert.True(error is null, error);
    }

    [Fact]
    public void Budgets_OfBenchmarksThatAreNoMore_AreNotThere()
    {
        Assert.Empty(Budgets.All.Keys.Except(Benchmark.All.Keys));
    }

    [Fact]
    public void Benchmarks_All_HaveABudgetAndSayWhatTheyAllocate()
    {
        Assert.Empty(Benchmark.All.Keys.Except(Budgets.All.Keys));
        Assert.All(Benchmark.All.Values, benchmark => Assert.True(benchmark.IsDiagnosed, $"{benchmark} has no [MemoryDiagnoser]"));
    }

    [Fact]
    public void Benchmarks_Found_CoverTheHotPaths()
    {
        string[] paths =
        [
            "FrameParsing.TryRead(", "CommandParsing.", "IndexMembership.JoinAndLeave(", "QueueDrain.", "BatchEncoding.",
            "FanOut.Broadcast(Members: 1)", "FanOut.Broadcast(Members: 100)", "FanOut.Broadcast(Members: 1000)",
        ];

        Assert.All(paths, path => Assert.Contains(Benchmark.All.Keys, name => name.StartsWith(path, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(101, "A.B allocates 101 bytes an operation; its budget in budgets.json is 100.")]
    public void Error_OfAMeasurement_SaysByHowMuchItIsOver(long allocatedBytes, string? expected)
    {
        Assert.Equal(expected, Budgets.Error("A.B", allocatedBytes, new Dictionary<string, long> { ["A.B"] = 100 }));
    }

    [Fact]
    public void Error_OfABenchmarkWithoutABudget_NamesIt()
    {
        var error = Budgets.Error("A.B", 7, new Dictionary<string, long>());

        Assert.Equal("A.B has no budget in budgets.json; it allocates 7 bytes an operation.", error);
    }

    [Fact]
    public void Parse_ANameThatIsThereTwice_IsRefused()
    {
        Assert.Throws<JsonException>(() => Budgets.Parse("""{ "A.B": 1, "A.B": 2 }"""));
    }
}
