using Direct.Edge.Keeping;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Publishing;
using Direct.Grains.Topics;
using Direct.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Tells the lanes, before this gateway leaves the cluster, which topics it has kept. Each lane then reads what it lacks of them, and asks another gateway to keep them without waiting
/// for the end of the lease.
/// </summary>
internal sealed partial class KeptHandover(
    KeptLaneCalls lanes, KeptTopics topics, GatewayLease lease, IOptions<BackplaneOptions> options, TimeProvider timeProvider, ILogger<KeptHandover> logger) : IHostedService
{
    /// <summary>Specifies the time for all lanes. One that has not answered by then notices the end of the lease.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private int _handedOver;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!topics.Follows || lease.Id is not { } gateway)
        {
            return;
        }

        var calls = topics.Followed.Select(RequestOf).OfType<HandOverRequest>().OrderBy(static request => request.Topic.Order).GroupBy(static request => Lane.Of(request.Topic)).SelectMany(
            static lane => lane.Chunk(HandOverRequest.MaxTopics)).ToList();
        using var timeout = new CancellationTokenSource(Longest, timeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await Background.ForEachAsync(calls, options.Value.MaxSubscribeCalls, requests => HandOverAsync(gateway, requests, ended.Token));
        }
        catch (OperationCanceledException)
        {
            Log.Incomplete(logger, Volatile.Read(ref _handedOver), calls.Count);
        }
    }

    private static HandOverRequest? RequestOf(FollowedTopic topic) => topic.FirstOffset is { } first ? new HandOverRequest(topic.Topic.ToKey(), first) : null;

    // A lane that moves to another silo is not ready for a while.
    private async Task HandOverAsync(Guid gateway, HandOverRequest[] requests, CancellationToken ended)
    {
        var lane = Lane.Of(requests[0].Topic);
        while (!await lanes.TryAsync(lane, grain => grain.HandOverAsync(gateway, requests), ended))
        {
            await Task.Delay(RetryDelay, timeProvider, ended);
        }

        Interlocked.Increment(ref _handedOver);
    }

    private static partial class Log
    {
        [LoggerMessage(
            GatewayEventIds.HandoverIncomplete,
            LogLevel.Warning,
            "{Done} of {Calls} calls that hand over kept topics were answered in time. The silos notice the end of the lease, and find other gateways for the other topics a few seconds later")]
        public static partial void Incomplete(ILogger logger, int done, int calls);
    }
}
