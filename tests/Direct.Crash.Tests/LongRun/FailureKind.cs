namespace Direct.Crash.Tests.LongRun;

internal enum FailureKind
{
    SiloKilled,
    SiloStopped,

    /// <summary>A silo is frozen until it was given up; it ends by itself when it is thawed.</summary>
    SiloFrozen,

    GatewayKilled,
    GatewayStopped,

    /// <summary>A gateway is frozen for less than its lease, and continues.</summary>
    GatewayFrozen,

    /// <summary>A gateway is frozen until its lease is over.</summary>
    GatewayFrozenBeyondLease,
}
