using System.Globalization;
using Direct.Backplane.Specification;
using Direct.Cluster.Tests.Clusters;
using Direct.Edge.Topics;

namespace Direct.Cluster.Tests.Routing;

/// <summary>Tests that order holds while several calls are under way on each leg and a later call may overtake an earlier one.</summary>
public sealed class CallOrderTests
{
    private const int Topics = 20;
    private const int SignalsPerTopic = 50;

    [Fact]
    public async Task Publish_CallsOvertakeEachOther_EachTopicKeepsItsOrder()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 0);
        await using var publisher = await BackplaneHost.StartAsync("publisher", cluster.Client);
        await using var receiver = await BackplaneHost.StartAsync("receiver", cluster.Client);
        var topics = Enumerable.Range(1, Topics).Select(static group => Topic.Group(group)).ToList();
        foreach (var topic in topics)
        {
            await publisher.Gateway.HoldAsync(topic, 1);
            await receiver.Gateway.HoldAsync(topic, 1);
            await publisher.Gateway.PublishAsync(topic, new Target(topic.Id, 0, 0), "0"); // from here on the publisher knows which silo hosts the lane
        }

        cluster.Calls.Clear();
        cluster.Calls.Delay = static () => Task.Delay(Random.Shared.Next(4) == 0 ? 80 : 0); // sometimes longer than a publish waits for receipts, so that the next batch of the lane follows meanwhile
        await Task.WhenAll(topics.Select(async topic =>
        {
            for (var i = 1; i <= SignalsPerTopic; i++)
            {
                var placement = await publisher.Gateway.PublishOnlyAsync(topic, new Target(topic.Id, 0, 0), i.ToString(CultureInfo.InvariantCulture));
                await Task.Delay(Random.Shared.Next(0, 3));
                if (i == SignalsPerTopic)
                {
                    Assert.Equal(2, (await BackplaneGateway.ReceiptAsync(placement, "the last")).Delivered);
                }
            }
        }));

        Assert.InRange(cluster.Calls.PublisherCalls.Count, 1, Topics * SignalsPerTopic / 2); // many signals shared one call
        foreach (var gateway in new[] { publisher.Gateway, receiver.Gateway })
        {
            foreach (var topic in topics)
            {
                Assert.Equal(
                    Enumerable.Range(0, SignalsPerTopic + 1).Select(static i => i.ToString(CultureInfo.InvariantCulture)),
                    gateway.Sink.Received.Where(signal => signal.Topic == topic).Select(static signal => signal.Text));
            }
        }
    }
}
