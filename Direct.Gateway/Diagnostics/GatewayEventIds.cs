namespace Direct.Gateway.Diagnostics;

/// <summary>Event ids of the logs of this assembly: 7000 publishing, 7100 lease, 7200 sessions, 7300 canaries, 7400 rights.</summary>
internal static class GatewayEventIds
{
    public const int PublishFailed = 7000;
    public const int GivenUp = 7001;
    public const int Lost = 7002;
    public const int AnswerMalformed = 7003;
    public const int LaneFailed = 7004;
    public const int PipeFailed = 7005;
    public const int PipeAnswerMalformed = 7006;

    public const int Registered = 7100;
    public const int RenewFailed = 7101;
    public const int Fenced = 7102;
    public const int RegisterFailed = 7103;
    public const int ConnectFailed = 7104;
    public const int Refused = 7105;
    public const int HandoverIncomplete = 7106;
    public const int KeptLaneCallFailed = 7107;

    public const int SessionsAnswer = 7200;
    public const int SessionsFail = 7201;
    public const int ConnectionsLimited = 7202;
    public const int SessionLookupFailed = 7203;

    public const int Unreachable = 7300;
    public const int Reached = 7301;

    public const int RightsAnswer = 7400;
    public const int RightsFail = 7401;
}
