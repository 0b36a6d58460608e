namespace Direct.Telemetry;

/// <summary>Defines the event ids of the logs of this assembly: 9000 telemetry.</summary>
internal static class TelemetryEventIds
{
    public const int Exports = 9000;
    public const int SettingIgnored = 9001;
    public const int FlushTimedOut = 9002;
    public const int MessagesDropped = 9003;
}
