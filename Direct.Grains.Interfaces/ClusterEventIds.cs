namespace Direct.Grains;

/// <summary>Defines the event ids of the logs of this assembly: 6500 certificates, 6600 the wall clock.</summary>
internal static class ClusterEventIds
{
    public const int IdentityRenewed = 6500;
    public const int IdentityNotRenewed = 6501;
    public const int IdentityRunsOut = 6502;

    public const int ClockSetBack = 6600;
}
