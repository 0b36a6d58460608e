using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>Maps topics, lanes and receipts between the types of a node and the types on the wire.</summary>
internal static class WireMapping
{
    public static TopicKey ToKey(this Topic topic) => new((TopicScope)(byte)topic.Kind, topic.Id, topic.ChannelId);

    public static Topic ToTopic(this TopicKey key) => new((TopicKind)(byte)key.Scope, key.Id, key.ChannelId);

    public static Signal ToSignal(this SignalEnvelope envelope) => new(
        envelope.Topic.ToTopic(), new Target(envelope.Group, envelope.Channel, envelope.User), envelope.Payload, envelope.SignalId,
        TraceParent: envelope.TraceParent);

    public static DeliveryStatus ToWire(this ReceiptStatus status) => status switch
    {
        ReceiptStatus.IdReused => DeliveryStatus.IdReused,
        ReceiptStatus.IdsExhausted => DeliveryStatus.IdsExhausted,
        _ => DeliveryStatus.Delivered,
    };

    public static Receipt ToReceipt(this SignalReceipt receipt) => new(
        receipt.Status switch
        {
            DeliveryStatus.IdReused => ReceiptStatus.IdReused,
            DeliveryStatus.IdsExhausted => ReceiptStatus.IdsExhausted,
            _ => ReceiptStatus.Delivered,
        },
        receipt.Delivered,
        receipt.Gateways,
        receipt.IsKept);
}
