using Direct.Grains.Gateways;
using Direct.Grains.Links;

namespace Direct.Grains.Topics;

/// <summary>Collects the answers of gateways to an accepted batch. It is used only under the lock of its lane's router.</summary>
internal class AcceptedBatch(SignalBatch batch, long acceptedAt)
{
    private readonly List<IGatewayLink> _pending = [];
    private readonly SignalReceipt[] _receipts = Receipts(batch);
    private Action? _onAcknowledged;
    private bool _areAllExpected;

    public Guid Publisher => batch.Publisher;

    public long FirstSequence => batch.Signals[0].Sequence;

    public long AcceptedAt => acceptedAt;

    public bool IsRepeat => batch.IsRepeat;

    /// <summary>Gets whether every gateway has answered or has left.</summary>
    public bool IsAcknowledged { get; private set; }

    /// <summary>Gets whether a gateway has refused the batch because a later activation leads the lane. It must be sent again, through that one.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>Gets whether all gateways that have not answered are so late that publishers should not wait for them.</summary>
    public bool IsSlow => _pending.Count > 0 && _pending.TrueForAll(gateway => gateway.IsSlow(batch.Lane));

    /// <summary>Gets the number of gateways that the batch goes to.</summary>
    public int Gateways { get; private set; }

    /// <summary>Calls <paramref name="action"/> when the batch is acknowledged or superseded, or at once if it is already.</summary>
    public void OnAcknowledged(Action action)
    {
        if (IsAcknowledged || IsSuperseded)
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

    /// <summary>Adds the answers of a gateway.</summary>
    /// <param name="gateway">An expected gateway.</param>
    /// <param name="indexes">The indexes of the signals that it received; null for all.</param>
    /// <param name="answers">One for each of these signals; empty if the gateway has left.</param>
    public void Answered(IGatewayLink gateway, int[]? indexes, ReadOnlySpan<GatewayAnswer> answers)
    {
        for (var i = 0; i < answers.Length; i++)
        {
            var signal = indexes is null ? i : indexes[i];
            ref var receipt = ref _receipts[signal];
            var connections = answers[i].Connections;
            receipt = new SignalReceipt(
                Worse(receipt.Status, answers[i].Status),
                receipt.Delivered + connections,
                receipt.Gateways + (connections > 0 ? 1 : 0),
                receipt.IsKept);
            if (answers[i].Status is DeliveryStatus.IdReused)
            {
                Refused(signal);
            }
        }

        _pending.Remove(gateway);
        CompleteIfAnswered();
    }

    /// <summary>Records that a gateway has refused the batch.</summary>
    public void Superseded()
    {
        IsSuperseded = true;
        Complete();
    }

    /// <summary>Ends the calls of <see cref="Expect"/>. There may have been none, and some gateways may have answered already.</summary>
    public void AllExpected()
    {
        _areAllExpected = true;
        CompleteIfAnswered();
    }

    /// <summary>Returns the answer for the publisher, with the receipts that have arrived.</summary>
    /// <param name="epoch">The epoch of the activation that accepted the batch.</param>
    /// <param name="silo">The silo of that activation.</param>
    public PublishAnswer Answer(Guid epoch, Guid silo) => new(
        PublishStatus.Accepted,
        epoch,
        IsAcknowledged ? _receipts : [.. _receipts],
        IsAcknowledged ? [] : [.. _pending.Select(gateway => gateway.Name)],
        _pending.Count > 0 && _pending.TrueForAll(gateway => gateway.IsUnresponsive(batch.Lane)),
        silo);

    /// <summary>Handles a signal that a gateway has refused, because its id was used for another message.</summary>
    /// <param name="signal">The index of the signal.</param>
    protected virtual void Refused(int signal)
    {
    }

    private static SignalReceipt[] Receipts(SignalBatch batch)
    {
        var receipts = new SignalReceipt[batch.Signals.Length];
        for (var i = 0; i < batch.Stamps?.Length; i++)
        {
            receipts[i] = new SignalReceipt(default, 0, 0, IsKept: batch.Stamps[i] != LogPosition.None);
        }

        return receipts;
    }

    // A backend repeats a signal whose id had no room. If another gateway knows the id for a different signal, the repeat would only reach more connections.
    private static DeliveryStatus Worse(DeliveryStatus one, DeliveryStatus other) =>
        one is DeliveryStatus.IdReused || other is DeliveryStatus.IdReused ? DeliveryStatus.IdReused : one > other ? one : other;

    private void CompleteIfAnswered()
    {
        if (_areAllExpected && _pending.Count == 0)
        {
            IsAcknowledged = true;
            Complete();
        }
    }

    private void Complete()
    {
        _onAcknowledged?.Invoke();
        _onAcknowledged = null;
    }
}
