using Direct.Compare.Loading;
using Direct.Compare.Options;
using Direct.Compare.Results;
using Direct.Compare.Scenarios;
using Direct.Compare.Servers;

namespace Direct.Compare;

/// <summary>
/// Runs all rounds. In each round every scenario is run with every server that it asks for, one after the other, so that a slow minute of the machine
/// affects all of them. Each round begins with a different server. The peer is measured separately, before or after all others of the round, because
/// even an idle cluster uses some of the core that they share.
/// </summary>
internal sealed class ComparisonRun(CompareOptions options, Checkout checkout, TextWriter log)
{
    // The ports of the cluster are beyond those of single nodes.
    private const int ClusterPortOffset = 600;

    private readonly List<Measurement> _measurements = [];
    private readonly List<string> _notes = [];
    private readonly List<ServerUnderTest> _floors = [];
    private List<ServerUnderTest> _dialects = [];
    private List<ServerUnderTest> _variants = [];
    private PeerServerUnderTest? _peer;

    /// <summary>Runs all rounds. After each round it reports the measurements so far, the servers, and what was left out.</summary>
    public async Task RunAsync(
        Action<IReadOnlyList<Measurement>, IReadOnlyList<ServerUnderTest>, IReadOnlyList<string>> afterRound,
        CancellationToken cancellationToken)
    {
        var ports = new Ports(options.Port);
        var measurementRun = new MeasurementRun(options, Loader.Of(options.Loader, checkout, options.LoaderCore));
        _variants = [.. options.Variants.Select(variant => DirectServerUnderTest.OneNode(variant, checkout, ports, options.ServerCore))];
        var embedded = DirectServerUnderTest.Embedded(options.Variants[0], checkout, ports, options.ServerCore);
        await AddFloorsAsync(ports, cancellationToken);
        await FindPeerAsync(ports);
        var clusterPort = options.Port + ClusterPortOffset;
        await using var cluster = new ClusterServerUnderTest(options.Variants[0], checkout, clusterPort, options.ServerCore);
        var direct2 = options.Variants[0] with { Arguments = [.. options.Variants[0].Arguments, DialectServerUnderTest.Direct2Argument] };
        await using var direct2Cluster = new ClusterServerUnderTest(direct2, checkout, clusterPort, options.ServerCore);
        var direct2Node = DirectServerUnderTest.OneNode(direct2, checkout, ports, options.ServerCore);
        _dialects =
        [
            new DialectServerUnderTest(DialectServerUnderTest.OriginalName, null, direct2Node, direct2Cluster),
            new DialectServerUnderTest(DialectServerUnderTest.Direct2Name, DialectServerUnderTest.Direct2Name, direct2Node, direct2Cluster),
        ];
        List<ServerUnderTest> all = [.. _floors];
        if (options.Scenarios.Any(scenario => scenario is { IsCluster: false, IsDirect2: false }))
        {
            all.AddRange(_variants);
        }

        if (options.Scenarios.Any(scenario => scenario.IsEmbedded))
        {
            all.Add(embedded);
        }

        if (options.Scenarios.Any(scenario => scenario is { IsCluster: true, IsDirect2: false }))
        {
            all.Add(cluster);
        }

        if (options.Scenarios.Any(scenario => scenario.IsDirect2))
        {
            all.AddRange(_dialects);
        }

        if (_peer is not null)
        {
            all.Add(_peer);
        }

        for (var round = 1; round <= options.Runs; round++)
        {
            var runs = options.Scenarios.SelectMany(
                scenario => Rotated([.. ServerUnderTests(scenario, embedded, cluster)], round),
                (scenario, serverUnderTest) => (scenario, serverUnderTest));
            foreach (var (scenario, serverUnderTest) in runs.OrderBy(next => (next.serverUnderTest == _peer) == (round % 2 == 1)))
            {
                foreach (var idle in new[] { cluster, direct2Cluster }.Where(idle => idle != serverUnderTest.ClusterFor(scenario)))
                {
                    await idle.DisposeAsync();
                }

                var measurement = await measurementRun.MeasureAsync(scenario, serverUnderTest, round, cancellationToken);
                _measurements.Add(measurement);
                var label = $"round {round}/{options.Runs}  {scenario.Name,-15} {serverUnderTest.Name,-16}";
                await log.WriteLineAsync($"{label} {Summary(scenario, measurement)}");
            }

            await cluster.DisposeAsync();
            await direct2Cluster.DisposeAsync();
            afterRound(_measurements, all, _notes);
        }
    }

    private async Task AddFloorsAsync(Ports ports, CancellationToken cancellationToken)
    {
        if (!options.Scenarios.Any(scenario => scenario.Baseline is Baseline.PlainFloor or Baseline.CoalescingFloor))
        {
            return;
        }

        try
        {
            var command = options.Floor ?? await FloorServerUnderTest.BuildAsync(checkout, cancellationToken);
            _floors.Add(new FloorServerUnderTest(FloorServerUnderTest.PlainName, command, coalesces: false, ports, options.ServerCore));
            _floors.Add(new FloorServerUnderTest(FloorServerUnderTest.CoalescingName, command, coalesces: true, ports, options.ServerCore));
        }
        catch (CompareException exception)
        {
            _notes.Add($"No floor, so no ratio to one: {exception.Message}");
            await log.WriteLineAsync(_notes[^1]);
        }
    }

    private async Task FindPeerAsync(Ports ports)
    {
        if (options.Peer is null || !options.Scenarios.Any(scenario => scenario.Baseline is Baseline.Peer))
        {
            return;
        }

        try
        {
            _peer = PeerServerUnderTest.Find(checkout, ports, options.ServerCore, Environment.GetEnvironmentVariable("PATH"));
        }
        catch (CompareException exception)
        {
            _notes.Add($"No peer, so the clusters are not compared: {exception.Message}");
            await log.WriteLineAsync(_notes[^1]);
        }
    }

    private List<ServerUnderTest> ServerUnderTests(Scenario scenario, DirectServerUnderTest embedded, ClusterServerUnderTest cluster) => scenario switch
    {
        { IsDirect2: true } => _dialects,
        { IsEmbedded: true } => [_variants[0], embedded],
        { IsCluster: true } => _peer is null ? [cluster] : [cluster, _peer],
        { Baseline: Baseline.PlainFloor } => [.. _floors.Take(1), .. _variants],
        { Baseline: Baseline.CoalescingFloor } => [.. _floors.Skip(1), .. _variants],
        _ => _variants,
    };

    private static IEnumerable<ServerUnderTest> Rotated(ServerUnderTest[] serversUnderTest, int round) =>
        serversUnderTest.Select((_, place) => serversUnderTest[(place + round - 1) % serversUnderTest.Length]);

    private static string Summary(Scenario scenario, Measurement measurement)
    {
        if (measurement.Failure is { } failure)
        {
            return "failed: " + failure.ReplaceLineEndings(" ");
        }

        var values = scenario.Figures.Where(figure => measurement.Values.ContainsKey(figure.Metric))
            .Select(figure => $"{Numbers.Text(measurement.Values[figure.Metric])}{figure.Metric.Unit()}");
        var errors = $" ({measurement.Lost} lost, {measurement.Duplicated} duplicated, {measurement.Reordered} reordered, "
            + $"{measurement.FailedConnections} connections failed)";
        return string.Join(", ", values) + (measurement.IsWhole ? "" : errors);
    }
}
