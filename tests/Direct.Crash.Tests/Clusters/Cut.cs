namespace Direct.Crash.Tests.Clusters;

/// <summary>Specifies the directions in which a proxy holds back all bytes.</summary>
[Flags]
public enum Cut
{
    None = 0,
    ToSilo = 1,
    ToGateway = 2,
    Both = ToSilo | ToGateway,
}
