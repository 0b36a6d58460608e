using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Topics;

/// <summary>
/// Makes sure, before a silo stops, that its logs are not lost with it: what no gateway that answers has completely is put on one. The lanes serve meanwhile, so that gateways can
/// subscribe and fetch. Their next activations then recover as after any end of a silo.
/// </summary>
internal sealed partial class KeepBeforeStop(LaneLogs logs, ILiveGateways gateways, GrainMetrics metrics, TimeProvider timeProvider, ILogger<KeepBeforeStop> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Specifies the time for all logs.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>Specifies the time after which another gateway is asked to keep a topic.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(0.8);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // The stages end in descending order, so this is before the silo refuses anything.
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(KeepBeforeStop), ServiceLifecycleStage.Active + 1, static _ => Task.CompletedTask, StopAsync);

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        var lanes = logs.Holders.BeginStopping();
        using var timeout = new CancellationTokenSource(Longest, timeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var asked = new Dictionary<TopicKey, (int Tries, long At)>();
        while (lanes.Count > 0 && !gateways.IsFenced && gateways.HasKeepers)
        {
            var calls = logs.Holders.NewCalls();
            var lacking = await FindLackingAsync(lanes, ended.Token);
            lacking.ForEach(lane => lane.Logs.ForEach(log => Ask(log, calls, asked)));
            metrics.HoldersAsked(calls.Asked);
            await Task.WhenAll(calls.All.Select(static call => call.Gateway.KeepAsync(call.Requests)));
            lanes = lacking.ConvertAll(static lane => lane.Lane);
            if (lanes.Count == 0)
            {
                return;
            }

            if (ended.IsCancellationRequested)
            {
                Log.Incomplete(logger, lacking.Sum(static lane => lane.Logs.Count), Longest);
                return;
            }

            await timeProvider.TryDelayAsync(Pause, ended.Token);
        }
    }

    // A gateway that keeps the topic and answers fetches what it lacks. Another one is asked if there is none.
    private void Ask(LackingLog log, HolderCalls calls, Dictionary<TopicKey, (int Tries, long At)> asked)
    {
        var (topic, isAsked) = (log.Request.Topic, asked.TryGetValue(log.Request.Topic, out var last));
        if (!log.IsBeingFetched
            && (!isAsked || timeProvider.GetElapsedTime(last.At) >= AskAgainAfter)
            && calls.Choose(topic, last.Tries) is { } gateway
            && calls.TryAdd(gateway.Id, log.Request))
        {
            asked[topic] = (last.Tries + 1, timeProvider.GetTimestamp());
        }
    }

    private async Task<List<LackingLane>> FindLackingAsync(IReadOnlyList<LaneRouter> lanes, CancellationToken ended)
    {
        var lacking = await Task.WhenAll(lanes.Select(lane => FindLackingAsync(lane, ended)));
        return [.. lacking.Where(static lane => lane.Logs.Count > 0)];
    }

    private async Task<LackingLane> FindLackingAsync(LaneRouter lane, CancellationToken ended)
    {
        var (requests, keepers) = lane.LogsToKeep();
        if (requests.Count == 0)
        {
            return new LackingLane(lane, []);
        }

        var (of, ballot) = (Lane.Of(requests[0].Topic), requests[0].Ballot);
        var answers = await Task.WhenAll(gateways.Links.Where(link => keepers.Contains(link.Id)).Select(link => AskAsync(link, new RecoverRequest(of, ballot) { IsWithoutHeaders = true }, ended)));
        if (Array.Exists(answers, static answer => answer.IsReplaced))
        {
            return new LackingLane(lane, []); // another activation has read the logs
        }

        var reports = answers.SelectMany(static answer => answer.Topics).ToLookup(static report => report.Topic);
        return new LackingLane(lane, [.. requests
            .Where(request => !reports[request.Topic].Any(report => HasAll(report, request)))
            .Select(request => new LackingLog(request, IsBeingFetched: reports[request.Topic].Any()))]);
    }

    private static bool HasAll(KeptTopicReport report, KeepRequest request) =>
        report.IsComplete && report.Head >= request.Head && report.Marks[^1].Epoch == request.Marks[^1].Epoch;

    // Asks with the ballot that the gateway has promised already, so nothing changes by that.
    private static async Task<(IReadOnlyList<KeptTopicReport> Topics, bool IsReplaced)> AskAsync(IGatewayLink link, RecoverRequest request, CancellationToken ended)
    {
        var topics = new List<KeptTopicReport>();
        try
        {
            while (await link.RecoverAsync(request, ended) is { } answer)
            {
                if (answer.Promised > request.Ballot)
                {
                    return ([], true);
                }

                if (!RecoverCheck.IsValid(request, answer))
                {
                    break;
                }

                topics.AddRange(answer.Topics);
                if (!answer.HasMore)
                {
                    return (topics, false);
                }

                request = request with { After = answer.Topics[^1].Topic };
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }

        return ([], false);
    }

    private sealed record LackingLane(LaneRouter Lane, List<LackingLog> Logs);

    /// <summary>Represents a log that no gateway has completely.</summary>
    /// <param name="Request">Makes a gateway keep it.</param>
    /// <param name="IsBeingFetched">Whether a gateway that answers keeps the topic, and fetches what it lacks.</param>
    private sealed record LackingLog(KeepRequest Request, bool IsBeingFetched);

    private static partial class Log
    {
        [LoggerMessage(
            GrainEventIds.KeepBeforeStopIncomplete,
            LogLevel.Warning,
            "This silo stops, and no gateway has all messages of {Logs} kept topics after {Longest}: clients that come back to these topics may be told of a gap")]
        public static partial void Incomplete(ILogger logger, int logs, TimeSpan longest);
    }
}
