namespace Direct.Grains;

/// <summary>Defines the event ids of the logs of this assembly: 6000 delivery, 6100 registry, 6200 memory, 6300 silos that end.</summary>
internal static class GrainEventIds
{
    public const int DeliveryFailed = 6000;
    public const int QueryUnanswered = 6001;
    public const int AnswerMalformed = 6002;
    public const int RecoverFailed = 6003;
    public const int RecoverAnswerMalformed = 6004;
    public const int ReadKeptFailed = 6005;
    public const int KeepFailed = 6006;
    public const int RecoverLeftOut = 6007;
    public const int RecoveryFailed = 6008;
    public const int KeepBeforeStopIncomplete = 6009;

    public const int PollFailed = 6100;
    public const int RegistryServes = 6101;
    public const int GatewayRegistered = 6102;
    public const int GatewayExpired = 6103;
    public const int GatewayLeft = 6104;
    public const int SiloFenced = 6105;
    public const int RefreshFailed = 6106;
    public const int ColdStartTooShort = 6107;
    public const int LeaseRecordFailed = 6108;
    public const int GatewayNotRecorded = 6109;

    public const int MemoryPressure = 6200;
    public const int MemoryPressureEnded = 6201;
    public const int MemoryWatchFailed = 6202;

    public const int SiloEnded = 6300;
    public const int SiloWatchFailed = 6301;
    public const int SiloVoteFailed = 6302;
}
