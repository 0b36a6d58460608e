namespace Direct.Deploy.Tests.Settings;

/// <summary>How long the programs take to end, in seconds.</summary>
internal static class EndTimes
{
    /// <summary>Gets how long a gateway goes on taking connections while its readiness says 503.</summary>
    public static int GatewayReadyDelay { get; } = ProgramSettings.Gateway.Default("Direct:Drain:ReadyDelay");

    /// <summary>Gets the longest drain: the delay, the window, and the last connection's good-bye.</summary>
    public static int Gateway { get; } =
        GatewayReadyDelay + ProgramSettings.Gateway.Default("Direct:Drain:Window") + ProgramSettings.Gateway.Default("Direct:Connections:CloseTimeout");

    /// <summary>Gets what a silo's settings promise.</summary>
    public static int Silo => 60;
}
