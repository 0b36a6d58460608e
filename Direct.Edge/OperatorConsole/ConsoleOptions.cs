namespace Direct.Edge.OperatorConsole;

/// <summary>The console page.</summary>
public sealed class ConsoleOptions
{
    /// <summary>The section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Console";

    /// <summary>
    /// The URL at which the console page opens its WebSocket, <c>wss://chat.example.com/!direct</c> for instance. Default empty: the host of
    /// the page at <c>Direct:Endpoints:Port</c>, or the origin of the page when there is no management port.
    /// </summary>
    public string WebSocketUrl { get; set; } = "";
}
