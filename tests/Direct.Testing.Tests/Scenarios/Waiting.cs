namespace Direct.Testing.Tests.Scenarios;

public sealed class Waiting
{
    [Scenario("wait")]
    public async Task Wait()
    {
        await using var family = await ScenarioRun.StartFamilyAsync();
        await Task.Delay(Timeout.Infinite, CancellationToken.None);
    }
}
