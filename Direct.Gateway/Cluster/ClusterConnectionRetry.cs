using System.Data.Common;
using Direct.Edge.Node;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Membership;
using Direct.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Makes a gateway that starts before its cluster wait for silos and their database. It logs what is missing, reports it on <c>/readyz</c>, and says
/// if the silos that it finds belong to another cluster.
/// </summary>
internal sealed partial class ClusterConnectionRetry(
    IClusterMembers members,
    NodeGate gate,
    IOptions<ClusterOptions> options,
    TimeProvider timeProvider,
    ILogger<ClusterConnectionRetry> logger) : IClientConnectionRetryFilter
{
    // A cluster that starts as a whole has its first silo within seconds.
    private static readonly TimeSpan OftenFor = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SayAgainAfter = TimeSpan.FromMinutes(1);

    private readonly long _startedAt = timeProvider.GetTimestamp();
    private TimeSpan _delay = TimeSpan.FromMilliseconds(250);
    private string? _said;
    private long _saidAt;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        var reason = await ReasonAsync(exception, cancellationToken);
        gate.Block(reason);
        if (reason != _said || timeProvider.GetElapsedTime(_saidAt) >= SayAgainAfter)
        {
            (_said, _saidAt) = (reason, timeProvider.GetTimestamp());
            Log.ConnectFailed(logger, reason);
        }

        await Task.Delay(_delay, timeProvider, cancellationToken);
        _delay = timeProvider.GetElapsedTime(_startedAt) < OftenFor ? _delay : Backoff.Next(_delay, LongestDelay);
        return !cancellationToken.IsCancellationRequested;
    }

    private async Task<string> ReasonAsync(Exception exception, CancellationToken cancellationToken)
    {
        if (exception is DbException)
        {
            return Unanswered(exception);
        }

        try
        {
            var clusters = await members.ActiveClustersAsync(cancellationToken);
            var own = options.Value.ClusterId;
            return clusters.Contains(own) ? $"no silo of cluster id '{own}' can be reached: {exception.Message}"
                : clusters.Count == 0 ? $"no silo of cluster id '{own}' is active in {members.Location}"
                : $"no silo of cluster id '{own}' is active in {members.Location}, while silos of {string.Join(", ", clusters.Select(id => $"'{id}'"))} are: "
                    + $"fix {ClusterOptions.SectionName}:ClusterId of this gateway, or start silos with it";
        }
        catch (DbException error)
        {
            return Unanswered(error);
        }
    }

    private string Unanswered(Exception error) => $"{members.Location} does not answer: {error.Message}";

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.ConnectFailed, LogLevel.Warning, "Waiting for the cluster: {Reason}")]
        public static partial void ConnectFailed(ILogger logger, string reason);
    }
}
