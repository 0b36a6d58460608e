using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Failures;

/// <summary>Tests that no accepted signal is lost when a silo stops gracefully under load from every gateway.</summary>
public sealed class SiloStopTests
{
    private const int Rooms = 6;
    private const long Group = 5;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_UnderLoad_LosesNothingThatWasAccepted(bool hostsTheRegistry)
    {
        await using var cluster = await DirectTestCluster.StartAsync(silos: 3);
        if (hostsTheRegistry)
        {
            await cluster.MoveRegistryAsync(cluster.Silos[1]);
        }

        var members = new List<(long Room, ProtocolClient Client)>();
        foreach (var gateway in cluster.Gateways)
        {
            for (var room = 1; room <= Rooms; room++)
            {
                members.Add((room, await gateway.JoinAsync(Group, room)));
            }
        }

        using var stop = new CancellationTokenSource();
        var load = cluster.Gateways.SelectMany(gateway => Enumerable.Range(1, Rooms).Select(room => new Sender(gateway, room))).ToList();
        var sending = Task.WhenAll(load.Select(sender => Task.Run(() => sender.RunAsync(stop.Token), CancellationToken.None)));
        await Deadline.UntilAsync("the load runs", () => load.All(sender => sender.Answers.Count > 30));

        await cluster.StopSiloAsync(cluster.Silos[1]);
        var counts = load.ConvertAll(sender => sender.Accepted.Count());
        await Deadline.UntilAsync("every room is served again", () => load.Zip(counts).All(pair => pair.First.Accepted.Count() > pair.Second + 30));
        await stop.CancelAsync();
        await sending;

        foreach (var (room, client) in members)
        {
            await cluster.Gateways[0].DeliverAsync($"{Group},{room},0", "end");
        }

        var slowest = load.SelectMany(sender => sender.Answers).Max(answer => answer.Time);
        var refused = load.Sum(sender => sender.Answers.Count - sender.Accepted.Count());
        TestContext.Current.SendDiagnosticMessage(
            "Silo stopped, registry on it {0}: {1} accepted, {2} refused, slowest answer {3:0.00} s",
            hostsTheRegistry, load.Sum(sender => sender.Accepted.Count()), refused, slowest.TotalSeconds);
        foreach (var (room, client) in members)
        {
            var received = await client.ReceiveTextsUntilAsync("end");
            foreach (var sender in load.Where(sender => sender.Room == room))
            {
                sender.Check(received);
            }

            await client.DisposeAsync();
        }

        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(6.5));
    }

    /// <summary>Represents a backend that sends one signal after another to one room.</summary>
    private sealed class Sender(GatewayHost gateway, long room)
    {
        private readonly ConcurrentQueue<(string Text, HttpStatusCode Status, TimeSpan Time)> _answers = new();

        public long Room => room;

        public ConcurrentQueue<(string Text, HttpStatusCode Status, TimeSpan Time)> Answers => _answers;

        public IEnumerable<string> Accepted => _answers.Where(answer => answer.Status is HttpStatusCode.OK or HttpStatusCode.Accepted).Select(answer => answer.Text);

        public async Task RunAsync(CancellationToken stop)
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var watch = Stopwatch.StartNew();
                var text = $"{gateway.Name}/{room}/{i:00000}";
                var receipt = await gateway.SignalAsync($"{Group},{room},0", text);
                _answers.Enqueue((text, receipt.Status, watch.Elapsed));
            }
        }

        /// <summary>Asserts that every accepted signal was received once and in order, and every other signal at most once.</summary>
        public void Check(IReadOnlyList<string> received)
        {
            var mine = received.Where(text => text.StartsWith($"{gateway.Name}/", StringComparison.Ordinal)).ToList();
            Assert.Distinct(mine);
            Assert.Equal(mine.Order(StringComparer.Ordinal), mine);
            Assert.Empty(Accepted.Except(mine));
        }
    }
}
