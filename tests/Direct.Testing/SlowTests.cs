using Xunit;

namespace Direct.Testing;

/// <summary>Tests that take minutes of whole clusters made of processes: not part of every run.</summary>
public static class SlowTests
{
    private const string Variable = "DIRECT_SLOW_TESTS";

    /// <summary>Skips the test unless they are asked for.</summary>
    public static void SkipUnlessAskedFor() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable(Variable) == "1",
        $"Issue 3, still open: takes minutes of whole clusters made of processes. {Variable}=1 ./test runs it too.");
}
