using Xunit;

namespace Direct.Testing;

/// <summary>Skips tests that take minutes and start whole clusters of processes, when the user asks for that. They are part of every run by default.</summary>
public static class SlowTests
{
    private const string Variable = "DIRECT_SLOW_TESTS";

    /// <summary>Gets whether slow tests run.</summary>
    public static bool AreWanted => Environment.GetEnvironmentVariable(Variable) != "0";

    /// <summary>Skips the test when slow tests are turned off.</summary>
    public static void SkipIfUnwanted() =>
        Assert.SkipUnless(AreWanted, $"left out by {Variable}=0: takes minutes of whole clusters made of processes");
}
