using System.Collections.Concurrent;
using Direct.Cluster.Tests.Models;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Publishing;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Routing;

/// <summary>
/// Tests final receipts against the recorded deliveries, with the real outboxes, routers, links and receivers of one lane, without Orleans between
/// them. One call or response in ten is lost, activations end, members join and leave at gateways that unsubscribe at once, and gateways are added.
/// </summary>
public sealed class ReceiptModelTests
{
    private const int Publishers = 4;
    private const int Signals = 150;

    private static readonly Topic Room = Topic.Room(5, 7);

    [Fact]
    public async Task Publish_WhateverHasToBeRepeated_FinalReceiptCountsWhoGotIt()
    {
        var time = new ManualTimeProvider();
        using var lane = new ModelLane(time);
        using var stopClock = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        var clock = Task.Run(() => RunAsync(time, stopClock.Token), CancellationToken.None);
        var members = new List<Task>(Enumerable.Range(0, 3).Select(_ => AddGateway(lane, stop.Token)));
        var receipts = new ConcurrentDictionary<string, Task<Receipt>>();
        using var published = new CancellationTokenSource();
        var failures = Task.Run(() => FailAsync(lane, members, stop.Token, published.Token), CancellationToken.None);

        await Task.WhenAll(Enumerable.Range(1, Publishers).Select(number => Task.Run(() => PublishAsync(lane, number, new ModelPublisher(lane, time), receipts))));
        await published.CancelAsync();
        await failures;
        var all = Task.WhenAll(receipts.Values);
        await Deadline.UntilAsync("all receipts", () => all.IsCompleted, TimeSpan.FromSeconds(60), () => $"{receipts.Values.Count(receipt => !receipt.IsCompleted)} are missing");
        await stop.CancelAsync();
        await Task.WhenAll(members);
        await stopClock.CancelAsync();
        await clock;

        Assert.NotEqual(0, lane.Repeats);
        Assert.Empty(receipts.Select(receipt => $"{receipt.Key}: {receipt.Value.Result}")
            .Except(receipts.Keys.Select(text => $"{text}: {Expected(lane, text)}")));
    }

    private static Receipt Expected(ModelLane lane, string text) => new(
        ReceiptStatus.Delivered, lane.Gateways.Sum(gateway => gateway.Delivered(text)), lane.Gateways.Count(gateway => gateway.Delivered(text) > 0));

    private static async Task PublishAsync(ModelLane lane, int number, ModelPublisher publisher, ConcurrentDictionary<string, Task<Receipt>> receipts)
    {
        for (var i = 0; i < Signals; i++)
        {
            var text = $"{number}/{i}";
            var receipt = receipts[text] = publisher.Publish(Room, text, Random.Shared.Next(2) == 0 ? text : null);
            if (Random.Shared.Next(2) == 0)
            {
                await receipt;
            }

            await lane.PauseAsync();
        }
    }

    private static async Task FailAsync(ModelLane lane, List<Task> members, CancellationToken stopping, CancellationToken published)
    {
        for (var i = 1; !published.IsCancellationRequested; i++)
        {
            for (var pause = 0; pause < 10; pause++)
            {
                await lane.PauseAsync();
            }

            lane.Move();
            if (i % 8 == 0 && members.Count < 6)
            {
                members.Add(AddGateway(lane, stopping));
            }
        }
    }

    private static Task AddGateway(ModelLane lane, CancellationToken stopping)
    {
        var gateway = lane.AddGateway();
        return Task.Run(() => gateway.RunAsync(lane, Room.ToKey(), stopping), CancellationToken.None);
    }

    private static async Task RunAsync(ManualTimeProvider time, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(1, CancellationToken.None);
        }
    }
}
