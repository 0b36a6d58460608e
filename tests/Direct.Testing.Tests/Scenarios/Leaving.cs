namespace Direct.Testing.Tests.Scenarios;

/// <summary>Represents a test that passes and leaves processes behind.</summary>
public sealed class Leaving
{
    [Scenario("leave")]
    public async Task Leave() => await ScenarioRun.StartFamilyAsync();
}
