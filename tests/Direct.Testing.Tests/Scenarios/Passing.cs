namespace Direct.Testing.Tests.Scenarios;

public sealed class Passing
{
    public static ManualResetEventSlim HasRun { get; } = new();

    [Scenario("spin")]
    public void Pass() => HasRun.Set();
}
