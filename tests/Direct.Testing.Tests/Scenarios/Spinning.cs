namespace Direct.Testing.Tests.Scenarios;

/// <summary>Represents a test that never returns its thread.</summary>
public sealed class Spinning
{
    [Scenario("spin")]
    public async Task Spin()
    {
        await using var family = await ScenarioRun.StartFamilyAsync();
        Passing.HasRun.Wait(TestContext.Current.CancellationToken);
        while (true)
        {
            Thread.SpinWait(1000);
        }
    }
}
