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
            "FrameParsing.TryRead(", "CommandParsing.", "IndexMembership.JoinAndLeave(", "QueueDrain.", "BatchEncoding.", "CachedRights.Find",
            "FanOut.Broadcast(Members: 1)", "FanOut.Broadcast(Members: 100)", "FanOut.Broadcast(Members: 1000)",
        ];

        Assert.All(paths, path => Assert.Contains(Benchmark.All.Keys, name => name.StartsWith(path, StringComparison.Ordinal)));
    }
}
