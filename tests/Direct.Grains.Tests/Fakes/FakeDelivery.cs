using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements a delivery to a gateway whose responses a test can await.</summary>
internal sealed class FakeDelivery(SignalBatch batch) : IDelivery
{
    private readonly TaskCompletionSource<GatewayAnswer[]?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SignalBatch Batch => batch;

    /// <summary>Gets a task with the responses, or null when the gateway is gone. A delivery that ends twice throws.</summary>
    public Task<GatewayAnswer[]?> End => _end.Task;

    public void Answered(ReadOnlySpan<GatewayAnswer> answers) => _end.SetResult(answers.ToArray());

    public void Abandoned() => _end.SetResult(null);
}

internal static class FakeDeliveries
{
    /// <summary>Sends a batch. Returns a task with the responses, or null when the gateway is gone.</summary>
    public static Task<GatewayAnswer[]?> Send(this GatewayLink link, SignalBatch batch)
    {
        var delivery = new FakeDelivery(batch);
        link.Send(delivery);
        link.Flush();
        return delivery.End;
    }
}
