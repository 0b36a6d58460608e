namespace Direct.Stress.Scenarios;

/// <summary>Connections that are joined and do nothing but answer pings.</summary>
internal sealed class IdleScenario(RunContext run) : Scenario(run);
