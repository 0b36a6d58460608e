using Direct.Grains.Gateways;
using Direct.Grains.Links;

namespace Direct.Grains.Topics;

/// <summary>
/// A batch that has its place, and the answers of the gateways it went to as they come in. Used under the lock of its lane's router only.
/// </summary>
internal sealed class PlacedBatch(SignalBatch batch, long placedAt)
{
    private readonly List<IGatewayLink> _pending = [];
    private readonly SignalReceipt[] _receipts = new SignalReceipt[batch.Signals.Length];
    private Action? _onAcknowledged;
    private bool _areAllExpected;

    public Guid Publisher => batch.Publisher;

    public long FirstSequence => batch.Signals[0].Sequence;

    public long PlacedAt => placedAt;

    /// <summary>Whether every gateway has answered or is gone.</summary>
    public bool IsAcknowledged { get; private set; }

    /// <summary>Whether all that have not answered are so late that nobody should wait for them.</summary>
    public bool IsStuck => _pending.Count > 0 && _pending.TrueForAll(gateway => gateway.IsStuck(batch.Lane));

    /// <summary>How many gateways it goes to, whether they have answered or not.</summary>
    public int Gateways { get; private set; }

    /// <summary>Has <paramref name="action"/> called when the batch is acknowledged: at once when it is already.</summary>
    public void OnAcknowledged(Action action)
    {
        if (IsAcknowledged)
        {
            action();
        }
        else
        {
            _onAcknowledged += action;
        }
    }

    public void Expect(IGatewayLink gateway)
    {
        _pending.Add(gateway);
        Gateways++;
    }

    /// <summary>A gateway has answered.</summary>
    /// <param name="gateway">One that is expected.</param>
    /// <param name="indexes">Which signals of the batch it got; null for all of them.</param>
    /// <param name="answers">One for each of these; none when the gateway is gone.</param>
    public void Answered(IGatewayLink gateway, int[]? indexes, ReadOnlySpan<GatewayAnswer> answers)
    {
        for (var i = 0; i < answers.Length; i++)
        {
            ref var receipt = ref _receipts[indexes is null ? i : indexes[i]];
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

    /// <summary>What is known of it by now.</summary>
    /// <param name="epoch">Of the activation that placed it.</param>
    /// <param name="silo">Where that is.</param>
    public PublishAnswer Answer(Guid epoch, Guid silo) => new(
        PublishStatus.Placed,
        epoch,
        IsAcknowledged ? _receipts : [.. _receipts],
        IsAcknowledged ? [] : [.. _pending.Select(gateway => gateway.Name)],
        _pending.Count > 0 && _pending.TrueForAll(gateway => gateway.IsHung(batch.Lane)),
        silo);

    // A backend repeats what had no room. Where others know the id for something else, that would only bring the message to more connections.
    private static DeliveryStatus Worse(DeliveryStatus one, DeliveryStatus other) =>
        one is DeliveryStatus.IdReused || other is DeliveryStatus.IdReused ? DeliveryStatus.IdReused : one > other ? one : other;

    private void CompleteIfAnswered()
    {
        if (_areAllExpected && _pending.Count == 0)
        {
            IsAcknowledged = true;
            _onAcknowledged?.Invoke();
            _onAcknowledged = null;
        }
    }
}
