using Direct.Edge.Node;
using Direct.Edge.Rights;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Lookups;
using Direct.Lookups;

namespace Direct.Gateway.Rights;

/// <summary>Implements the circuit breaker of a source of rights. It checks the source with a user, a group and a channel that do not exist: 0.</summary>
internal sealed partial class RightsCircuit(
    IRightsLookup lookup, NodeGate gate, LookupMetrics metrics, TimeProvider timeProvider, ILogger<RightsCircuit> logger)
    : LookupCircuit(RightsServices.Area, gate, metrics, timeProvider)
{
    // Clients choose the rooms that are asked for.
    protected override bool ChecksAfterFailure => true;

    protected override async Task CheckAsync(CancellationToken cancellationToken)
    {
        if ((await lookup.FindAsync([default], cancellationToken))[0].Problem is { } problem)
        {
            throw new UnusableSourceException(problem);
        }
    }

    // The problem may name the account of the database, the statement and users, and clients may cause it.
    protected override string Shown(string problem) => "answers that cannot be used, see the log";

    protected override void LogAnswers() => Log.Answers(logger, lookup.Location);

    protected override void LogFails(string error) => Log.Fails(logger, lookup.Location, error);

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.RightsAnswer, LogLevel.Information, "Rights are looked up in {Location}")]
        public static partial void Answers(ILogger logger, string location);

        [LoggerMessage(GatewayEventIds.RightsFail, LogLevel.Warning, "Rights cannot be looked up in {Location}: {Error}")]
        public static partial void Fails(ILogger logger, string location, string error);
    }
}
