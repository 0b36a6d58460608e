using Direct.Edge.Node;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Lookups;
using Direct.Lookups;

namespace Direct.Gateway.Sessions;

/// <summary>Implements the circuit breaker of the session database.</summary>
internal sealed partial class SessionCircuit(
    ISessionDatabase database,
    NodeGate gate,
    [FromKeyedServices(DirectSessions.Area)] LookupMetrics metrics,
    TimeProvider timeProvider,
    ILogger<SessionCircuit> logger)
    : LookupCircuit(DirectSessions.Area, gate, metrics, timeProvider)
{
    protected override Task CheckAsync(CancellationToken cancellationToken) => database.CheckAsync(cancellationToken);

    protected override void LogAnswers() => Log.Answers(logger, database.Location);

    protected override void LogFails(string error) => Log.Fails(logger, database.Location, error);

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.SessionsAnswer, LogLevel.Information, "Sessions are looked up in {Location}")]
        public static partial void Answers(ILogger logger, string location);

        [LoggerMessage(GatewayEventIds.SessionsFail, LogLevel.Warning, "Sessions cannot be looked up in {Location}: {Error}")]
        public static partial void Fails(ILogger logger, string location, string error);
    }
}
