using System.Globalization;
using Direct.Edge.Rights;

namespace Direct.Gateway.Rights;

/// <summary>Implements a source of rights by a place where they are looked up, and a circuit breaker before it.</summary>
/// <param name="lookup">The place.</param>
/// <param name="circuit">The circuit breaker.</param>
/// <param name="timeout">The time after which a look-up that has failed is not tried again with fewer keys.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class RightsSource(IRightsLookup lookup, RightsCircuit circuit, TimeSpan timeout, TimeProvider timeProvider) : IRightsSource
{
    public string Location => lookup.Location;

    public bool IsUp => circuit.IsUp;

    public async ValueTask<IReadOnlyList<long?>> FindAllAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken) =>
        await FindAsync([.. keys], timeProvider.GetTimestamp(), cancellationToken);

    public Task RunAsync(CancellationToken stoppingToken) => circuit.RunAsync(stoppingToken);

    // A look-up that fails while the source answers is repeated in halves, so that one key that it cannot answer does not fail the others.
    private async Task<long?[]> FindAsync(RightsKey[] keys, long startedAt, CancellationToken cancellationToken)
    {
        if (await circuit.QueryAsync(() => lookup.FindAsync(keys, cancellationToken), cancellationToken) is { } found)
        {
            return MasksOf(keys, found);
        }

        if (keys.Length <= 1 || !circuit.IsUp || timeProvider.GetElapsedTime(startedAt) >= timeout)
        {
            return new long?[keys.Length];
        }

        var half = keys.Length / 2;
        return [.. await FindAsync(keys[..half], startedAt, cancellationToken), .. await FindAsync(keys[half..], startedAt, cancellationToken)];
    }

    private long?[] MasksOf(RightsKey[] keys, IReadOnlyList<FoundRights> found)
    {
        var masks = new long?[keys.Length];
        for (var i = 0; i < masks.Length; i++)
        {
            masks[i] = found[i].Mask;
            if (found[i].Problem is { } problem)
            {
                var (user, group, channel) = keys[i];
                circuit.Report(string.Create(CultureInfo.InvariantCulture, $"{problem} (user {user}, group {group}, channel {channel})"));
            }
        }

        return masks;
    }
}
