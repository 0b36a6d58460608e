using System.Collections.Concurrent;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Keeping;
using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Topics;

/// <summary>
/// Reads the logs of a lane from the gateways that keep them, before a new activation continues them. This is the view change of Viewstamped Replication;
/// the ballots are those of Paxos. See recovery in docs/internals/resume.md.
/// </summary>
/// <remarks>It runs outside the turns of the grain, because a gateway's answer to a grain may arrive at another silo.</remarks>
internal sealed partial class LaneRecovery(Lane lane, Guid activation, LaneRecoveryContext context, CancellationToken ended)
{
    /// <summary>Specifies how long a gateway is awaited that did not answer lately, if no silo has left within <see cref="SiloLeftWithin"/>.</summary>
    public static readonly TimeSpan RecoverUnresponsiveFor = TimeSpan.FromSeconds(0.25);

    /// <summary>Specifies how long after a silo has left the answers of gateways may be late, because they go through a silo that hangs.</summary>
    public static readonly TimeSpan SiloLeftWithin = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Specifies how long gateways are awaited that are told the new logs, and how much longer than <see cref="LaneLogOptions.RecoverFor"/> all of this takes at most, except
    /// for <see cref="RecoverUnresponsiveFor"/>.
    /// </summary>
    public static readonly TimeSpan InstallFor = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Specifies how many times <see cref="LaneLogOptions.RecoverFor"/> gateways are awaited that answer in pages, each of which comes in time. They have much to tell, and without
    /// them the log might be shorter.
    /// </summary>
    public const int MostTimesRecoverFor = 3;

    /// <summary>Specifies the number of ballots that are tried. Another activation leads if each of them is refused.</summary>
    public const int MostBallots = 10;

    private const int MostReadTries = 3;

    // As many bytes as a silo keeps of a topic. What a gateway lacks before that, it fetches like any other that is behind.
    private const int MostReadPages = 4;

    private const int TopicsAtOnce = 16;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    // A link waits a second for what it reads. A pause of the gateway is shorter.
    private static readonly TimeSpan ReadHangsAfter = TimeSpan.FromSeconds(0.9);

    private readonly List<(LogChoice Choice, long Floor)> _tails = [];
    private readonly ConcurrentDictionary<IGatewayLink, bool> _hanging = new(); // gateways that do not answer any more
    private readonly long _startedAt = context.TimeProvider.GetTimestamp();

    private bool MustNotLead => ended.IsCancellationRequested || context.Gateways.IsFenced;

    /// <summary>
    /// Reads and continues the logs, and tells them to the gateways. Returns null if another activation leads the lane, or if this silo or activation must
    /// not lead it.
    /// </summary>
    public async Task<RecoveredLane?> RunAsync()
    {
        var ballot = new Ballot(context.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds(), activation);
        for (var tries = 0; tries < MostBallots && !MustNotLead; tries++)
        {
            var (answers, areAll, refusal) = await AskAsync(ballot);
            if (refusal is not null)
            {
                ballot = new Ballot(refusal.Number + 1, activation);
                continue;
            }

            if (MustNotLead)
            {
                break; // without the answers of all gateways, or with those of a table that may be outdated
            }

            using var late = new CancellationTokenSource(Left(context.RecoverFor + InstallFor, atLeast: InstallFor), context.TimeProvider);
            var topics = await ContinueAsync(answers, ballot, late.Token);
            if (MustNotLead)
            {
                break; // gateways whose messages it has not read would be left out
            }

            await InstallAsync(answers, topics, ballot);
            context.Metrics.Recovered(areAll ? "complete" : "incomplete");
            return new RecoveredLane(ballot, topics);
        }

        context.Metrics.Recovered("failed");
        return null;
    }

    /// <summary>Reads the rest of the logs, the newest messages first, while there is space for them.</summary>
    /// <param name="ballot">The ballot of the recovery.</param>
    /// <param name="refill">Takes the messages of a topic and an epoch, at last none if no more can be read; see <see cref="LaneRouter"/>.</param>
    public async Task RefillAsync(Ballot ballot, Func<TopicKey, long, IReadOnlyList<KeptMessage>, long> refill)
    {
        _hanging.Clear(); // that was some time ago
        foreach (var (choice, floor) in _tails)
        {
            var topic = choice.Best.Report.Topic;
            for (var through = floor; through > 0 && !ended.IsCancellationRequested;)
            {
                using var turn = await context.EnterRefillAsync();
                var messages = await ReadAsync(choice, after: 0, through, ballot, pages: 1, CancellationToken.None) ?? [];
                context.Metrics.RecoveredEntries(messages.Count);
                through = refill(topic, choice.Table.Current, messages);
                if (messages.Count == 0)
                {
                    break;
                }
            }
        }
    }

    private async Task<(KeyValuePair<IGatewayLink, IReadOnlyList<KeptTopicReport>>[] Answers, bool AreAll, Ballot? Refusal)> AskAsync(Ballot ballot)
    {
        var keepers = context.Gateways.Links.Where(static link => link.Keeps).ToList();
        var answers = new ConcurrentDictionary<IGatewayLink, IReadOnlyList<KeptTopicReport>>();
        using var round = CancellationTokenSource.CreateLinkedTokenSource(ended);
        var refusals = await Task.WhenAll(keepers.Select(keeper => AskAsync(keeper, ballot, answers, round)));

        // In the order of the table, so that the same answers lead to the same calls.
        return ([.. keepers.Where(answers.ContainsKey).Select(keeper => KeyValuePair.Create(keeper, answers[keeper]))], answers.Count == keepers.Count, refusals.Max());
    }

    // Adds what a gateway has, or returns the higher ballot that it has promised. That ends the round for the others.
    private async Task<Ballot?> AskAsync(
        IGatewayLink keeper, Ballot ballot, ConcurrentDictionary<IGatewayLink, IReadOnlyList<KeptTopicReport>> answers, CancellationTokenSource round)
    {
        var patience = keeper.IsUnresponsive() && !context.Departed.HasLeftWithin(SiloLeftWithin) ? RecoverUnresponsiveFor : Left(context.RecoverFor, atLeast: RecoverUnresponsiveFor);
        using var timeout = new CancellationTokenSource(patience, context.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(round.Token, timeout.Token);
        var topics = new List<KeptTopicReport>();
        var request = new RecoverRequest(lane, ballot);
        try
        {
            while (context.Gateways.Links.Contains(keeper))
            {
                if (await keeper.RecoverAsync(request, either.Token) is not { } answer)
                {
                    await Task.Delay(RetryDelay, context.TimeProvider, either.Token);
                }
                else if (RecoverCheck.IsRefusal(request, answer))
                {
                    await Background.CancelAsync(round);
                    return answer.Promised;
                }
                else if (!RecoverCheck.IsValid(request, answer))
                {
                    Log.AnswerMalformed(context.Logger, keeper.Name, lane);
                    return null;
                }
                else
                {
                    Add(topics, answer.Topics, isRest: request.HeadersAfter > 0);
                    if (!answer.HasMore)
                    {
                        answers[keeper] = topics;
                        return null;
                    }

                    Prolong(timeout);
                    request = request with { After = answer.Topics[^1].Topic, HeadersAfter = answer.Topics[^1].MoreHeadersAfter };
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (timeout.IsCancellationRequested)
            {
                Log.LeftOut(context.Logger, keeper.Name, lane, context.TimeProvider.GetElapsedTime(_startedAt));
            }
        }

        return null;
    }

    // A topic whose headers are divided counts only with all of them. The gateway may have ended it between the pages.
    private static void Add(List<KeptTopicReport> topics, KeptTopicReport[] page, bool isRest)
    {
        if (isRest)
        {
            var part = topics[^1];
            topics.RemoveAt(topics.Count - 1);
            if (page is [var rest, ..] && rest.Topic == part.Topic)
            {
                topics.Add(rest with { Headers = [.. part.Headers, .. rest.Headers] });
                page = page[1..];
            }
        }

        topics.AddRange(page);
    }

    private TimeSpan Left(TimeSpan limit, TimeSpan atLeast) => TimeSpan.FromTicks(Math.Max(atLeast.Ticks, (limit - context.TimeProvider.GetElapsedTime(_startedAt)).Ticks));

    private void Prolong(CancellationTokenSource timeout)
    {
        var left = Left(context.RecoverFor * MostTimesRecoverFor, atLeast: TimeSpan.Zero);
        if (left > TimeSpan.Zero)
        {
            timeout.CancelAfter(left < context.RecoverFor ? left : context.RecoverFor);
        }
    }

    private async Task<IReadOnlyList<RecoveredTopic>> ContinueAsync(
        KeyValuePair<IGatewayLink, IReadOnlyList<KeptTopicReport>>[] answers, Ballot ballot, CancellationToken late)
    {
        var recovered = new List<RecoveredTopic>();
        var topics = answers.SelectMany(static answer => answer.Value.Select(report => new ReportedLog(answer.Key, report))).GroupBy(static log => log.Report.Topic);
        foreach (var some in topics.Chunk(TopicsAtOnce))
        {
            foreach (var topic in await Task.WhenAll(some.Select(reports => ContinueAsync([.. reports], ballot, late))))
            {
                if (topic is not null)
                {
                    recovered.Add(topic);
                }
            }
        }

        context.Metrics.RecoveredEntries(recovered.Sum(static topic => topic.Messages.Count));
        return recovered;
    }

    // A gateway that does not return what it has reported counts as one that has not answered. Returns null if no other has the topic.
    private async Task<RecoveredTopic?> ContinueAsync(List<ReportedLog> reports, Ballot ballot, CancellationToken late)
    {
        while (reports.Count > 0)
        {
            var choice = LogChoice.Choose(reports, EpochTable.NewId(), context.TimeProvider);
            if (await ReadAsync(choice, choice.Lowest, choice.Head, ballot, MostReadPages, late) is { } messages)
            {
                lock (_tails)
                {
                    _tails.Add((choice, choice.Head - messages.Count));
                }

                return new RecoveredTopic(
                    choice.Best.Report.Topic, choice.Table, choice.Head, choice.Headers, messages, [.. reports.Select(static log => (log.Gateway.Id, log.Report.Number))],
                    choice.Best.Report.First);
            }

            reports.Remove(choice.Best);
        }

        return null;
    }

    // Returns the newest messages of a range, as far as the gateway has them, or null if it does not answer.
    private async Task<IReadOnlyList<KeptMessage>?> ReadAsync(LogChoice choice, long after, long through, Ballot ballot, int pages, CancellationToken late)
    {
        var messages = new List<KeptMessage>();
        var request = new FetchRequest(choice.Best.Report.Topic, Math.Max(after, choice.Best.Report.First - 1), through, IsNewestFirst: true, ballot);
        for (; pages > 0 && request.Through > request.After; pages--)
        {
            if (await TryReadAsync(choice.Best.Gateway, request, late) is not { } page)
            {
                return null;
            }

            messages.InsertRange(0, page);
            if (page.Length == 0)
            {
                break; // the gateway has dropped them meanwhile
            }

            request = request with { Through = request.Through - page.Length };
        }

        return messages;
    }

    // A gateway that hangs must not cost this time for each of its topics. One that answers at once that it is not ready may have ended the topic, and is asked for others.
    private async Task<KeptMessage[]?> TryReadAsync(IGatewayLink gateway, FetchRequest request, CancellationToken late)
    {
        try
        {
            for (var tries = 0; tries < MostReadTries && MayAsk(gateway); tries++)
            {
                var askedAt = context.TimeProvider.GetTimestamp();
                var page = await gateway.ReadKeptAsync(request).InContext().WaitAsync(late);
                if (RecoverCheck.IsValid(request, page))
                {
                    return page.Messages;
                }

                if (context.TimeProvider.GetElapsedTime(askedAt) > ReadHangsAfter)
                {
                    _hanging[gateway] = true;
                }
                else if (MayAsk(gateway))
                {
                    await Task.Delay(RetryDelay, context.TimeProvider, late);
                }
            }
        }
        catch (OperationCanceledException)
        {
            _hanging[gateway] = true; // the recovery does not wait any longer
        }

        return null;
    }

    // A call to a gateway that has left would take a second.
    private bool MayAsk(IGatewayLink gateway) => !ended.IsCancellationRequested && !_hanging.ContainsKey(gateway) && context.Gateways.Links.Contains(gateway);

    // A gateway that does not answer gets a message of an epoch that it does not know, and fetches the log then.
    private async Task InstallAsync(KeyValuePair<IGatewayLink, IReadOnlyList<KeptTopicReport>>[] answers, IReadOnlyList<RecoveredTopic> topics, Ballot ballot)
    {
        var calls = new List<Task>();
        foreach (var (gateway, _) in answers)
        {
            var requests = topics.Where(topic => topic.Keepers.Any(keeper => keeper.Gateway == gateway.Id))
                .Select(topic => new KeepRequest(topic.Topic, ballot, topic.Table.ToWire(context.TimeProvider), topic.Head));
            calls.AddRange(requests.Chunk(KeepRequest.MaxTopics).Select(gateway.KeepAsync));
        }

        var left = Left(context.RecoverFor + InstallFor, atLeast: RecoverUnresponsiveFor);
        await Task.WhenAll(calls).TryWaitAsync(left < InstallFor ? left : InstallFor, context.TimeProvider);
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.RecoverAnswerMalformed, LogLevel.Error, "Gateway {Gateway} has answered something impossible about what it keeps of lane {Lane}; it is left out")]
        public static partial void AnswerMalformed(ILogger logger, string gateway, Lane lane);

        [LoggerMessage(GrainEventIds.RecoverLeftOut, LogLevel.Warning, "Gateway {Gateway} did not answer within {Patience} what it keeps of lane {Lane}: the lane starts without it")]
        public static partial void LeftOut(ILogger logger, string gateway, Lane lane, TimeSpan patience);
    }
}
