namespace Direct.Deploy.Tests.Settings;

/// <summary>Provides the shutdown times of the programs, in seconds.</summary>
internal static class EndTimes
{
    // A second for requests that are being answered; then messages of clients are accepted, kept topics are handed over, and the lease is ended: see DrainService.
    private const int AfterClose = 12;

    /// <summary>Gets how long a gateway still accepts connections while its readiness is 503.</summary>
    public static int GatewayReadyDelay { get; } = ProgramSettings.Gateway.Default("Direct:Drain:ReadyDelay");

    /// <summary>Gets the longest shutdown: the delay, the window, the close timeout of the last connection, and what follows.</summary>
    public static int Gateway { get; } = GatewayReadyDelay + ProgramSettings.Gateway.Default("Direct:Drain:Window")
        + ProgramSettings.Gateway.Default("Direct:Connections:CloseTimeout") + AfterClose;

    /// <summary>Gets the longest shutdown of a silo, as its settings document states.</summary>
    public static int Silo => 60;
}
