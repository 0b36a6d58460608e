using Direct.Edge.Node;
using Direct.Edge.Rights;
using Direct.Gateway.Rights;
using Direct.Lookups;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Rights;

/// <summary>Provides a source of rights, composed as in a gateway.</summary>
internal sealed class RightsSourceFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public RightsSourceFixture(IRightsLookup lookup)
    {
        Circuit = new RightsCircuit(lookup, Gate, new LookupMetrics(Meters, RightsServices.Area), TimeProvider.System, Logger);
        Source = new RightsSource(lookup, Circuit, TimeSpan.FromSeconds(1), TimeProvider.System);
    }

    public TestMeters Meters { get; } = new();

    public NodeGate Gate { get; } = new();

    public RecordingLogger<RightsCircuit> Logger { get; } = new();

    public RightsCircuit Circuit { get; }

    public RightsSource Source { get; }

    public void Start() => _running = Source.RunAsync(_stop.Token);

    public async Task<IReadOnlyList<long?>> FindAsync(params RightsKey[] keys) => await Source.FindAllAsync(keys, CancellationToken.None);

    public Task LacksAsync(string? reason) =>
        Deadline.UntilAsync($"the node lacks '{reason}'", () => Gate.DegradedReason == reason, actual: () => Gate.DegradedReason ?? "nothing");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Deadline.RunAsync(
            "the source ends", async token => await _running.WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));
        _stop.Dispose();
        Meters.Dispose();
    }
}
