namespace Direct.Crash.Tests.Clusters;

/// <summary>Which way nothing gets through.</summary>
[Flags]
public enum Cut
{
    None = 0,
    ToSilo = 1,
    ToGateway = 2,
    Both = ToSilo | ToGateway,
}
