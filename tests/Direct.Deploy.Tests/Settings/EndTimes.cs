namespace Direct.Deploy.Tests.Settings;

/// <summary>Provides the shutdown times of the programs, in seconds.</summary>
internal static class EndTimes
{
    /// <summary>Gets how long a gateway still accepts connections while its readiness is 503.</summary>
    public static int GatewayReadyDelay { get; } = ProgramSettings.Gateway.Default("Direct:Drain:ReadyDelay");

    /// <summary>Gets the longest drain: the delay, the window, and the close timeout of the last connection.</summary>
    public static int Gateway { get; } =
        GatewayReadyDelay + ProgramSettings.Gateway.Default("Direct:Drain:Window") + ProgramSettings.Gateway.Default("Direct:Connections:CloseTimeout");

    /// <summary>Gets the longest shutdown of a silo, as its settings document states.</summary>
    public static int Silo => 60;
}
