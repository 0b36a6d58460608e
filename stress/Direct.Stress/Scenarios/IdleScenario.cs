namespace Direct.Stress.Scenarios;

/// <summary>Keeps connections that are joined and only answer pings.</summary>
internal sealed class IdleScenario(RunContext run) : Scenario(run);
