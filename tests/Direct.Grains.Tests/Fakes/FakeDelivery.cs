using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements a batch on its way to a gateway, whose answers a test awaits.</summary>
internal sealed class FakeDelivery(SignalBatch batch) : IDelivery
{
    private readonly TaskCompletionSource<GatewayAnswer[]?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SignalBatch Batch => batch;

    /// <summary>Gets the answers, or null when the gateway is gone. Fails when it ends twice.</summary>
    public Task<GatewayAnswer[]?> End => _end.Task;

    public void Answered(ReadOnlySpan<GatewayAnswer> answers) => _end.SetResult(answers.ToArray());

    public void Abandoned() => _end.SetResult(null);
}

internal static class FakeDeliveries
{
    /// <summary>Sends a batch. The task has the answers, or null when the gateway is gone.</summary>
    public static Task<GatewayAnswer[]?> Send(this GatewayLink link, SignalBatch batch)
    {
        var delivery = new FakeDelivery(batch);
        link.Send(delivery);
        link.Flush();
        return delivery.End;
    }
}
