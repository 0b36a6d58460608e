using System.Globalization;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Presence;
using Direct.Edge.Topics;
using Direct.Edge.Watching;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.LiveView;

/// <summary>
/// Shows an operator the connections of a target over the whole cluster, and how they change, as server-sent events. Asks all gateways
/// once a second for as long as somebody watches.
/// </summary>
internal sealed partial class WatchEndpoint(
    PresenceQueries queries,
    IOptions<WatchOptions> options,
    IHostApplicationLifetime lifetime,
    SignalAccess access,
    NodeGate gate,
    GatewayMetrics metrics,
    TimeProvider timeProvider,
    ILogger<WatchEndpoint> logger) : BackendEndpoint(access, gate, timeProvider, logger)
{
    /// <summary>The path of the live view.</summary>
    public const string Path = "/!direct-watch";

    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);

    private static readonly Problem NoMessages = Problem.Forbidden(
        "'messages' is 1, and this gateway does not show messages: Direct:Console:ShowMessages is false.");

    private readonly ILogger _logger = logger;
    private int _watches;

    protected override bool TakesPost => false;

    protected override void Answered(int status, TimeSpan duration) => metrics.WatchAnswered(status);

    protected override async Task AnswerAsync(HttpContext context, long arrivedAt)
    {
        if (WatchQuery.TryParse(context.Request.QueryString.Value ?? "", out var query) is { } wrong)
        {
            await BackendAnswer.WriteAsync(context, wrong);
        }
        else if (query!.WithMessages && !options.Value.ShowMessages)
        {
            await BackendAnswer.WriteAsync(context, NoMessages);
        }
        else
        {
            await WatchInTurnAsync(context, query, arrivedAt);
        }
    }

    private async Task WatchInTurnAsync(HttpContext context, WatchQuery query, long arrivedAt)
    {
        try
        {
            await (Interlocked.Increment(ref _watches) <= options.Value.MaxWatches
                ? WatchAsync(context, query, arrivedAt)
                : BackendAnswer.WriteAsync(context, TooMany()));
        }
        finally
        {
            Interlocked.Decrement(ref _watches);
        }
    }

    private async Task WatchAsync(HttpContext context, WatchQuery query, long arrivedAt)
    {
        var clusterQuery = new ClusterQuery(ClusterQueryKind.Watch, query.Target) { Limit = WatchState.MaxConnections, WithMessages = query.WithMessages };
        var answer = await queries.QueryAsync(clusterQuery, arrivedAt);
        if (answer.Status is not QueryStatus.Answered)
        {
            await BackendAnswer.WriteAsync(context, queries.NotAnswered("Ask again."));
            return;
        }

        Log.Began(_logger, query.Target, query.Duration.TotalSeconds);
        var (stream, state) = (new WatchStream(context), new WatchState());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await stream.WriteAsync(state.Apply(answer));
            while (Time.GetElapsedTime(arrivedAt) < query.Duration)
            {
                await Task.Delay(AskInterval, Time, stop.Token);
                answer = await queries.QueryAsync(clusterQuery, Time.GetTimestamp()).WaitAsync(stop.Token);
                await stream.WriteAsync(state.Apply(answer));
            }

            await stream.WriteAsync([WatchEvent.End("the time is up")]);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await stream.WriteAsync([WatchEvent.End("the gateway stops")]);
        }
        catch (Exception exception) when (IsCallerGone(context, exception))
        {
            context.Abort(); // the reader has stopped; the answer had begun, with 200
        }
    }

    private Problem TooMany() => new(
        429,
        "Too many live views",
        string.Create(CultureInfo.InvariantCulture, $"This gateway serves {options.Value.MaxWatches} live views already (Direct:Console:MaxWatches)."),
        RetryAfterSeconds: 5);

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.WatchBegan, LogLevel.Information, "A live view of target {Target} begins, for {Seconds} s")]
        public static partial void Began(ILogger logger, Target target, double seconds);
    }
}
