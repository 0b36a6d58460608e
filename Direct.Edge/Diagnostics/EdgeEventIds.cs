namespace Direct.Edge.Diagnostics;

/// <summary>
/// Defines the event ids of the logs of this assembly: 1000 connections, 2000 topics and backplane, 3000 identity and rights, 4000 signals, 5000 start and stop
/// of the node.
/// </summary>
internal static class EdgeEventIds
{
    public const int ConnectionOpened = 1000;
    public const int ConnectionEnded = 1001;
    public const int ConnectionFailed = 1002;
    public const int LoopFailed = 1003;
    public const int MemoryShort = 1004;
    public const int MemoryShortEnded = 1005;

    public const int SubscriptionFailed = 2000;
    public const int SubscriptionFailedToo = 2001;

    public const int SessionStoreTimedOut = 3000;
    public const int EveryoneIsAnonymous = 3001;
    public const int SessionRecheckFailed = 3002;
    public const int RightsLookupFailed = 3010;
    public const int MembershipRecheckFailed = 3011;

    public const int SignalFailed = 4000;
    public const int FailedAttemptsLimited = 4001;
    public const int SignalCallers = 4002;
    public const int SignalsClosed = 4003;
    public const int AnyProxyTrusted = 4004;
    public const int ClosedByBackend = 4020;
    public const int WatchBegan = 4021;
    public const int RemovedByRecheck = 4022;
    public const int RecheckFailed = 4023;

    public const int NodeStarted = 5000;
    public const int DrainStarted = 5001;
    public const int DrainEnded = 5002;
    public const int UnknownSetting = 5003;
    public const int SecondSignal = 5005;
    public const int ConnectionLimitReduced = 5006;
    public const int NodeStartedWithoutCluster = 5007;
    public const int DirectTransport = 5008;
    public const int DrainIncomplete = 5009;
    public const int FormerSettingName = 5010;
}
