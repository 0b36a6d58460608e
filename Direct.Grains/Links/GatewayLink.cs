using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>One live gateway, as a silo reaches it.</summary>
internal interface IGatewayLink
{
    Guid Id { get; }

    string Name { get; }

    /// <summary>Whether nobody should wait for its answer to a batch of this lane.</summary>
    bool IsStuck(Lane lane);

    /// <summary>Whether it has answered nothing for so long that it is not just slow.</summary>
    bool IsHung(Lane lane);

    /// <summary>Puts a batch behind all that wait for this gateway. The task has the answers, or null when the gateway is gone.</summary>
    Task<GatewayAnswer[]?> Send(SignalBatch batch);

    /// <summary>Asks it about its connections, once. Null when it does not answer in time, or is fenced.</summary>
    Task<ConnectionReply?> AskAsync(ConnectionQuestion question);
}

/// <inheritdoc />
internal sealed partial class GatewayLink(GatewayEntry entry, LinkSettings settings) : IGatewayLink
{
    // One second shorter than the caller's timeout. Orleans' own call timeout is not used here, because it is checked only once a second.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly StripeLink[] _stripes = [.. entry.Observers.Select(observer => new StripeLink(observer, entry.Name, settings))];

    public Guid Id => entry.Id;

    public string Name => entry.Name;

    public bool IsStuck(Lane lane) => Stripe(lane).IsStuck;

    public bool IsHung(Lane lane) => Stripe(lane).IsHung;

    public Task<GatewayAnswer[]?> Send(SignalBatch batch) => Stripe(batch.Lane).Send(batch);

    // Outside of the turn of whoever asks, as deliveries are: a gateway's answer to a grain is routed by that grain's id, and to a
    // stateless worker, which is on every silo, it gets lost whenever it comes in by another silo than the question went out from.
    public Task<ConnectionReply?> AskAsync(ConnectionQuestion question) => Task.Run(() => TryAskAsync(question));

    public void Close() => Array.ForEach(_stripes, stripe => stripe.Close());

    private async Task<ConnectionReply?> TryAskAsync(ConnectionQuestion question)
    {
        try
        {
            return await entry.Observers[0].AskAsync(question).WaitAsync(AnswerTimeout, settings.TimeProvider);
        }
#pragma warning disable CA1031 // Whatever the call throws: the gateway has not answered, and is named as missing.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Unanswered(settings.Logger, exception, entry.Name);
            return null;
        }
    }

    private StripeLink Stripe(Lane lane) => _stripes[lane.Stripe(_stripes.Length)];

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.QuestionUnanswered, LogLevel.Warning, "Gateway {Gateway} did not answer a question about its connections")]
        public static partial void Unanswered(ILogger logger, Exception exception, string gateway);
    }
}
