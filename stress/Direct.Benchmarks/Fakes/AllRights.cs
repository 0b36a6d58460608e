using Direct.Edge.Rights;

namespace Direct.Benchmarks.Fakes;

/// <summary>Implements a source of rights that allows everything.</summary>
internal sealed class AllRights : IRightsSource
{
    public string Location => "memory";

    public bool IsUp => true;

    public ValueTask<IReadOnlyList<long?>> FindAllAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken) =>
        new([.. keys.Select(static _ => (long?)RightsAnswer.All.Mask)]);

    public Task RunAsync(CancellationToken stoppingToken) => Task.CompletedTask;
}
