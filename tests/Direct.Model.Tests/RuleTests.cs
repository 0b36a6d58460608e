using System.Globalization;

namespace Direct.Model.Tests;

/// <summary>
/// Tests that the model finds an error when one rule of the mechanism is not in force, so that a rule cannot get lost unnoticed. The rules that are not here are those whose
/// work another one does as well: see docs/internals/resume.md.
/// </summary>
public sealed class RuleTests(ITestOutputHelper output)
{
    private const int MostSeeds = 2000;

    /// <param name="rule">The rule.</param>
    /// <param name="isStrict">Whether one failure at a time is enough.</param>
    [Theory]
    [InlineData(Rule.NewEpochIds, true)]
    [InlineData(Rule.EpochTable, false)]
    [InlineData(Rule.FirstPlace, false)]
    [InlineData(Rule.PromisedBallots, true)]
    [InlineData(Rule.Recovery, true)]
    [InlineData(Rule.BestAnswer, true)]
    [InlineData(Rule.Refill, true)]
    [InlineData(Rule.BreakByUnstamped, false)]
    [InlineData(Rule.Pull, false)]
    [InlineData(Rule.Tail, true)]
    [InlineData(Rule.Window, true)]
    [InlineData(Rule.TopicOfAll, true)]
    [InlineData(Rule.RecentMessages, true)]
    [InlineData(Rule.Headers, false)]
    [InlineData(Rule.SecondHolder, true)]
    [InlineData(Rule.KeepBeforeStop, true)]
    [InlineData(Rule.HandOver, true)]
    public void Run_WithoutARule_FindsAnError(Rule rule, bool isStrict)
    {
        var run = new ModelRun(new ModelOptions { IsStrict = isStrict, Without = rule });
        var count = Environment.GetEnvironmentVariable("DIRECT_MODEL_SEEDS");

        run.Run(1, count is null ? MostSeeds : int.Parse(count, CultureInfo.InvariantCulture), untilError: count is null);

        output.WriteLine($"{rule}, {(isStrict ? "strict" : "wild")}: {run}");
        Assert.True(run.Failed > 0, $"no error without {rule}");
    }
}
