using Direct.Crash.Tests.Clusters;
using Direct.Testing.Metrics;

namespace Direct.Crash.Tests.LongRun;

/// <summary>Adds up why gateways told clients of a <c>gap</c>. The counts of a gateway are read just before it ends, or at the end of the run.</summary>
internal sealed class GapCauses
{
    private const string Metric = "direct_gateway_gaps_total";

    private readonly SortedDictionary<string, double> _counts = [];

    public async Task AddAsync(GatewayNode gateway)
    {
        var page = await Exposition.ReadAsync(gateway.Process.Http, new Uri("/metrics", UriKind.Relative));
        foreach (var sample in page.Find(Metric)?.Samples ?? [])
        {
            var cause = sample.Labels["cause"];
            _counts[cause] = _counts.GetValueOrDefault(cause) + sample.Value;
        }
    }

    public override string ToString() => _counts.Values.Sum() == 0
        ? "none"
        : string.Join(", ", _counts.Where(static count => count.Value > 0).Select(static count => FormattableString.Invariant($"{count.Key} {count.Value}")));
}
