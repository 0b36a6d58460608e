namespace Direct.Silo.Hosting;

/// <summary>Event ids of the logs of this assembly: 8000 life of the silo.</summary>
internal static class SiloEventIds
{
    public const int SiloReady = 8000;
}
