namespace Direct.Silo.Hosting;

/// <summary>Defines the event ids of the logs of this assembly: 8000 start and stop of the silo.</summary>
internal static class SiloEventIds
{
    public const int SiloReady = 8000;
}
