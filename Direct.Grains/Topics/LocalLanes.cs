using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Direct.Collections;

namespace Direct.Grains.Topics;

/// <summary>Finds the lanes whose grains are on this silo. A lane is added when its grain publishes for the first time.</summary>
internal sealed class LocalLanes
{
    private readonly ConcurrentDictionary<Lane, LaneRouter> _routers = new();

    /// <summary>Gets the random id of this silo's current run.</summary>
    public Guid Silo { get; } = RandomIds.NewGuid();

    public void Add(Lane lane, LaneRouter router) => _routers[lane] = router;

    public void Remove(Lane lane, LaneRouter router) => _routers.TryRemove(KeyValuePair.Create(lane, router));

    public bool TryFind(Lane lane, [NotNullWhen(true)] out LaneRouter? router) => _routers.TryGetValue(lane, out router);
}
