namespace Direct.Grains;

/// <summary>Event ids of the logs of this assembly: 6500 certificates.</summary>
internal static class ClusterEventIds
{
    public const int IdentityRenewed = 6500;
    public const int IdentityNotRenewed = 6501;
    public const int IdentityRunsOut = 6502;
}
