using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Model.Tests.Processes;

/// <summary>Changes what passes between processes so that one rule of the mechanism is not in force.</summary>
internal sealed class WithoutRule(Rule rule)
{
    private readonly Dictionary<(ModelGateway, Guid, Lane), long> _last = [];

    public bool Is(Rule other) => rule == other;

    /// <summary>Changes a batch on its way to a lane.</summary>
    public SignalBatch ToLane(SignalBatch batch) => rule is Rule.FirstPlace && batch.IsRepeat ? batch with { IsRepeat = false, Publisher = Another(batch.Publisher) } : batch;

    /// <summary>Changes batches on their way to a gateway, where they have arrived.</summary>
    public SignalBatch[] ToGateway(SignalBatch[] batches, ModelGateway gateway) => rule switch
    {
        Rule.PromisedBallots => Array.ConvertAll(batches, static batch => batch with { Ballot = null }),
        Rule.BreakByUnstamped => Array.ConvertAll(batches, batch => batch.Stamps is null ? batch with { Ballot = BallotOf(gateway, batch) } : batch),
        _ => batches,
    };

    /// <summary>Delivers batches.</summary>
    public Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches, Lease lease)
    {
        batches = ToGateway(batches, lease.Gateway);
        return rule switch
        {
            Rule.HiddenUnacknowledged => Task.FromResult(lease.Gateway.DeliverUnlessOver(batches, lease.Id)),
            Rule.OffsetsInsteadOfSequences => DeliverNewAsync(batches, lease),
            _ => lease.Observer.DeliverAsync(batches),
        };
    }

    /// <summary>Changes the answer of a gateway to a recovery.</summary>
    public RecoverAnswer[]? Recovered(RecoverAnswer[]? answers) => answers is null ? null : rule switch
    {
        // The shortest log, and of any leader.
        Rule.BestAnswer => Array.ConvertAll(answers, static answer => answer with { Topics = Array.ConvertAll(answer.Topics, static report => report with { InstalledUnder = new Ballot(-report.Head, Guid.Empty) }) }),
        Rule.Headers => Array.ConvertAll(answers, static answer => answer with { Topics = Array.ConvertAll(answer.Topics, static report => report with { Headers = [] }) }),
        Rule.EpochTable => Array.ConvertAll(answers, static answer => answer with { Topics = Array.ConvertAll(answer.Topics, static report => report with { Marks = report.Marks[^1..] }) }),
        _ => answers,
    };

    /// <summary>Changes what a gateway is asked to keep.</summary>
    public KeepRequest[] ToKeep(KeepRequest[] requests) => rule switch
    {
        Rule.Install => Array.FindAll(requests, static request => request.KeepFor is not null),
        Rule.SecondHolder => Array.FindAll(requests, static request => request.KeepFor is null),
        _ => requests,
    };

    /// <summary>Changes a page of a gateway.</summary>
    public TailPage Read(FetchRequest request, TailPage page) => rule is Rule.Refill && request.After == 0 ? page with { Messages = [], HasMore = false } : page;

    /// <summary>Changes an answer of a lane.</summary>
    public T FromLane<T>(T answer) => (rule, answer) switch
    {
        (Rule.EpochTable, KeptAnswer { Marks.Length: > 0 } kept) => (T)(object)(kept with { Marks = kept.Marks[^1..] }),
        (Rule.EpochTable, TailPage { Marks.Length: > 0 } page) => (T)(object)(page with { Marks = page.Marks[^1..] }),
        (Rule.RecentMessages, KeptAnswer kept) => (T)(object)(kept with { Recent = [], First = kept.Head + 1 }),
        (Rule.Headers, KeptAnswer kept) => (T)(object)(kept with { Headers = [] }),
        (Rule.Pull, TailPage) => (T)(object)TailPage.NotReady,
        _ => answer,
    };

    private static Guid Another(Guid publisher)
    {
        var bytes = publisher.ToByteArray();
        bytes[0]++;
        return new Guid(bytes);
    }

    private static Ballot? BallotOf(ModelGateway gateway, SignalBatch batch)
    {
        var ballot = gateway.BallotOf(batch.Signals[0].Topic);
        return ballot ?? batch.Ballot;
    }

    // Drops every signal whose sequence is not above the last one, as is right for the original dialect.
    private async Task<GatewayAnswer[]?> DeliverNewAsync(SignalBatch[] batches, Lease lease)
    {
        var unstamped = Array.ConvertAll(batches, batch => batch with { Stamps = batch.Stamps is null ? null : [.. batch.Signals.Select((signal, i) => IsNew(lease.Gateway, batch, signal) ? batch.Stamps[i] : LogPosition.None)] });
        var answers = await lease.Observer.DeliverAsync(unstamped);
        if (answers is not null)
        {
            foreach (var batch in batches)
            {
                var key = (lease.Gateway, batch.Publisher, batch.Lane);
                _last[key] = Math.Max(_last.GetValueOrDefault(key), batch.Signals[^1].Sequence);
            }
        }

        return answers;
    }

    private bool IsNew(ModelGateway gateway, SignalBatch batch, SignalEnvelope signal) => signal.Sequence > _last.GetValueOrDefault((gateway, batch.Publisher, batch.Lane));
}
