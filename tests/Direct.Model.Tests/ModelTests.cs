using System.Globalization;

namespace Direct.Model.Tests;

/// <summary>
/// Tests that clients of a cluster receive everything exactly once, or are told of a gap, after any failures in a <see cref="ModelWorld"/>. README.md says how to run more
/// seeds, and one seed.
/// </summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Seeds = 1000;

    [Fact]
    public void Clients_AfterOneFailureAtATime_ReceiveEverythingOnceWithoutAGap()
    {
        var run = Run(new ModelOptions { IsStrict = true });

        Assert.True(run["messages received"] > 100 && run["gateway.resumes own"] > 0, $"the model tests little: {run}");
    }

    [Fact]
    public void Clients_WhateverFails_ReceiveEverythingOnceOrAreToldOfAGap()
    {
        var run = Run(new ModelOptions());

        Assert.True(run["messages received"] > 100 && run["gateway.resumes own"] > 0, $"the model tests little: {run}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_TheSameSeedAgain_DoesTheSame(bool isStrict)
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var (first, second) = (ModelRun.RunTraced(seed, new ModelOptions { IsStrict = isStrict }), ModelRun.RunTraced(seed, new ModelOptions { IsStrict = isStrict }));

            Assert.True(first.Trace.Length > 1000);
            Assert.Equal(first.Hash, second.Hash);
        }
    }

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : usual;

    private ModelRun Run(ModelOptions options)
    {
        var run = new ModelRun(options);
        run.Run(Setting("DIRECT_MODEL_FIRST", 1), Setting("DIRECT_MODEL_SEEDS", Seeds));
        output.WriteLine(run.ToString());
        if (run.Failed > 0)
        {
            var (error, trace, _) = ModelRun.RunTraced(run.Errors[0].Seed, options);
            Assert.Fail($"{run}\nseed {run.Errors[0].Seed}: {error}\n{trace}");
        }

        return run;
    }
}
