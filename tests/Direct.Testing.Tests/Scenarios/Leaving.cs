namespace Direct.Testing.Tests.Scenarios;

/// <summary>Passes, but disposes nothing.</summary>
public sealed class Leaving
{
    [Scenario("leave")]
    public async Task Leave() => await ScenarioRun.StartFamilyAsync();
}
