using Direct.Grains.Gateways;
using Direct.Grains.Links;

namespace Direct.Grains.Topics;

/// <summary>A batch that has its place, and the answers of the gateways it went to as they come in. Lives in its lane's turns only.</summary>
internal sealed class PlacedBatch(SignalBatch batch, long placedAt)
{
    private readonly List<IGatewayLink> _pending = [];
    private readonly SignalReceipt[] _receipts = new SignalReceipt[batch.Signals.Length];
    private readonly TaskCompletionSource _acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _areAllExpected;

    public Guid Publisher => batch.Publisher;

    public long FirstSequence => batch.Signals[0].Sequence;

    public long PlacedAt => placedAt;

    /// <summary>Completes when every gateway has answered or is gone.</summary>
    public Task Acknowledged => _acknowledged.Task;

    public IReadOnlyList<IGatewayLink> Pending => _pending;

    /// <summary>How many gateways it goes to, whether they have answered or not.</summary>
    public int Gateways { get; private set; }

    public void Expect(IGatewayLink gateway)
    {
        _pending.Add(gateway);
        Gateways++;
    }

    /// <summary>A gateway has answered for the signals at <paramref name="indexes"/>; null when it is gone.</summary>
    public void Answered(IGatewayLink gateway, IReadOnlyList<int> indexes, GatewayAnswer[]? answers)
    {
        for (var i = 0; answers is not null && i < indexes.Count; i++)
        {
            ref var receipt = ref _receipts[indexes[i]];
            var connections = answers[i].Connections;
            receipt = new SignalReceipt(
                Worse(receipt.Status, answers[i].Status),
                receipt.Delivered + connections,
                receipt.Gateways + (connections > 0 ? 1 : 0));
        }

        _pending.Remove(gateway);
        CompleteIfAnswered();
    }

    /// <summary>All gateways to wait for are known; there may be none, and some may have answered already.</summary>
    public void AllExpected()
    {
        _areAllExpected = true;
        CompleteIfAnswered();
    }

    public PublishAnswer Answer(Guid epoch) => new(
        PublishStatus.Placed,
        epoch,
        [.. _receipts],
        [.. _pending.Select(gateway => gateway.Name)],
        _pending.Count > 0 && _pending.TrueForAll(gateway => gateway.IsHung(batch.Lane)));

    // A backend repeats what had no room. Where others know the id for something else, that would only bring the message to more connections.
    private static DeliveryStatus Worse(DeliveryStatus one, DeliveryStatus other) =>
        one is DeliveryStatus.IdReused || other is DeliveryStatus.IdReused ? DeliveryStatus.IdReused : one > other ? one : other;

    private void CompleteIfAnswered()
    {
        if (_areAllExpected && _pending.Count == 0)
        {
            _acknowledged.TrySetResult();
        }
    }
}
