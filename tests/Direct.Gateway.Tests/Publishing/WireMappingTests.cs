using Direct.Edge.Topics;
using Direct.Gateway.Publishing;
using Direct.Grains.Topics;

namespace Direct.Gateway.Tests.Publishing;

public sealed class WireMappingTests
{
    public static TheoryData<TopicKind> Kinds => [.. Enum.GetValues<TopicKind>()];

    // A gateway answers the other one to a silo, and no publisher gets it.
    public static TheoryData<DeliveryStatus> Statuses => [.. Enum.GetValues<DeliveryStatus>().Except([DeliveryStatus.Superseded])];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ToKey_AnyTopic_KeepsItsNameAndComesBack(TopicKind kind)
    {
        var topic = new Topic(kind, -5, 7);

        var key = topic.ToKey();

        Assert.Equal(kind.ToString(), key.Scope.ToString());
        Assert.Equal((-5, 7), (key.Id, key.ChannelId));
        Assert.Equal(topic, key.ToTopic());
    }

    [Fact]
    public void TopicScope_Names_AreThoseOfTheNodeAndCanary()
    {
        Assert.Equal([.. Enum.GetNames<TopicKind>(), nameof(TopicScope.Canary)], Enum.GetNames<TopicScope>());
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public void ToReceipt_AnyStatus_KeepsItsNameAndComesBack(DeliveryStatus status)
    {
        var receipt = new SignalReceipt(status, 3, 2).ToReceipt();

        Assert.Equal((status.ToString(), 3, 2), (receipt.Status.ToString(), receipt.Delivered, receipt.Gateways));
        Assert.Equal(status, receipt.Status.ToWire());
    }

    [Fact]
    public void ToSignal_Envelope_HasAllOfIt()
    {
        var envelope = new SignalEnvelope(new TopicKey(TopicScope.User, 3, 0), 1, 2, 3, 99, [65, 66], "id", "trace");

        var signal = envelope.ToSignal();

        Assert.Equal((Topic.User(3), new Target(1, 2, 3), "id", "trace"), (signal.Topic, signal.Target, signal.Id, signal.TraceParent));
        Assert.Equal("AB"u8, signal.Payload.Span);
    }
}
