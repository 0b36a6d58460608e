using Xunit;

namespace Direct.Testing;

/// <summary>Tests that take minutes of whole clusters made of processes. Part of every run unless somebody is in a hurry.</summary>
public static class SlowTests
{
    private const string Variable = "DIRECT_SLOW_TESTS";

    /// <summary>Gets whether nobody has asked to leave them out.</summary>
    public static bool AreWanted => Environment.GetEnvironmentVariable(Variable) != "0";

    /// <summary>Skips the test where it was asked for.</summary>
    public static void SkipIfUnwanted() =>
        Assert.SkipUnless(AreWanted, $"left out by {Variable}=0: takes minutes of whole clusters made of processes");
}
