using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Backplane.Specification;

/// <summary>Represents one gateway of a cluster, with its sending and its receiving side.</summary>
/// <param name="Name">The name in messages.</param>
/// <param name="Backplane">The backplane under test.</param>
/// <param name="Sink">The sink that the backplane delivers to.</param>
/// <param name="PresenceHandler">The handler that the backplane passes queries to.</param>
public sealed record BackplaneGateway(string Name, IBackplane Backplane, RecordingSink Sink, RecordingPresenceHandler PresenceHandler)
{
    /// <summary>Gives the gateway connections in a topic, and subscribes to it when the backplane needs that.</summary>
    public async Task HoldAsync(Topic topic, int connections)
    {
        Sink.Hold(topic, connections);
        await SubscribeAsync(topic);
    }

    /// <summary>Removes the gateway's connections from a topic.</summary>
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

    /// <summary>Publishes a signal as the callers of a backplane do: after it is ready, and with a buffer that is reused at once.</summary>
    public async Task<PublishResult> PublishOnlyAsync(Topic topic, Target target, string text, string? id = null, bool needsReceipt = true)
    {
        await Deadline.RunAsync($"{Name} may publish to {topic}", token => Backplane.ReadyAsync(topic, token));
        var payload = Encoding.UTF8.GetBytes(text);
        var placement = Backplane.Publish(new Signal(topic, target, payload, id, needsReceipt));
        payload.AsSpan().Fill((byte)'?');
        return placement;
    }

    /// <summary>Publishes a signal and waits until all gateways have acknowledged it.</summary>
    public async Task<Receipt> PublishAsync(Topic topic, Target target, string text, string? id = null)
    {
        var placement = await PublishOnlyAsync(topic, target, text, id);
        return await ReceiptAsync(placement, $"'{text}' from {Name} to {topic}");
    }

    public Task<Receipt> PublishAsync(Target target, string text, string? id = null) => PublishAsync(Topic.For(target), target, text, id);

    /// <summary>Sends a query as the callers of a backplane do: it is repeated while the cluster is not ready.</summary>
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
