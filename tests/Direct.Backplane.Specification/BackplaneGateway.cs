using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Backplane.Specification;

/// <summary>Represents one gateway of a cluster: its way out and its way in.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Backplane">What is under test.</param>
/// <param name="Sink">Where that delivers.</param>
/// <param name="PresenceHandler">Where that brings queries.</param>
public sealed record BackplaneGateway(string Name, IBackplane Backplane, RecordingSink Sink, RecordingPresenceHandler PresenceHandler)
{
    /// <summary>Gives the gateway connections in a topic, and subscribes it where that is needed.</summary>
    public async Task HoldAsync(Topic topic, int connections)
    {
        Sink.Hold(topic, connections);
        await SubscribeAsync(topic);
    }

    /// <summary>Takes the gateway's connections out of a topic.</summary>
    public async Task LeaveAsync(Topic topic)
    {
        Sink.Hold(topic, 0);
        await UnsubscribeAsync(topic);
    }

    public async Task SubscribeAsync(Topic topic)
    {
        if (Backplane.NeedsSubscriptions && topic.NeedsSubscription)
        {
            await Deadline.RunAsync($"{Name} subscribes to {topic}", token => Backplane.SubscribeAsync(topic, token));
        }
    }

    public async Task UnsubscribeAsync(Topic topic)
    {
        if (Backplane.NeedsSubscriptions && topic.NeedsSubscription)
        {
            await Deadline.RunAsync($"{Name} unsubscribes from {topic}", token => Backplane.UnsubscribeAsync(topic, token));
        }
    }

    /// <summary>Places a signal as the callers of a backplane do: after it is ready, and with a buffer that is used again at once.</summary>
    public async Task<PublishResult> PublishOnlyAsync(Topic topic, Target target, string text, string? id = null, bool needsReceipt = true)
    {
        await Deadline.RunAsync($"{Name} may publish to {topic}", token => Backplane.ReadyAsync(topic, token));
        var payload = Encoding.UTF8.GetBytes(text);
        var placement = Backplane.Publish(new Signal(topic, target, payload, id, needsReceipt));
        payload.AsSpan().Fill((byte)'?');
        return placement;
    }

    /// <summary>Places a signal and waits until everyone has acknowledged it.</summary>
    public async Task<Receipt> PublishAsync(Topic topic, Target target, string text, string? id = null)
    {
        var placement = await PublishOnlyAsync(topic, target, text, id);
        return await ReceiptAsync(placement, $"'{text}' from {Name} to {topic}");
    }

    public Task<Receipt> PublishAsync(Target target, string text, string? id = null) => PublishAsync(Topic.For(target), target, text, id);

    /// <summary>Asks as the callers of a backplane do: again, while the cluster is not ready.</summary>
    public async Task<ClusterAnswer> QueryAsync(ClusterQuery query)
    {
        var answer = ClusterAnswer.NotReady;
        await Deadline.UntilAsync(
            $"{Name} has an answer",
            async () =>
            {
                answer = await Deadline.RunAsync($"{Name} asks for {query.Kind}", token => Backplane.QueryAsync(query, token));
                return answer.Status is QueryStatus.Answered;
            },
            actual: () => $"{answer.Status}");
        return answer;
    }

    public static async Task<Receipt> ReceiptAsync(PublishResult placement, string what) => placement.Pending is { } pending
        ? await Deadline.RunAsync($"the receipt of {what}", token => new ValueTask<Receipt>(pending.Completion.WaitAsync(token)))
        : placement.Receipt;
}
