using Direct.Grains.Gateways;
using Direct.Memory;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>What this silo knows of the live gateways, and whether it may rely on it.</summary>
internal interface ILiveGateways
{
    /// <summary>
    /// Whether this silo has not been told for so long that others may have gone on without it: then it must not place anything.
    /// </summary>
    bool IsFenced { get; }

    /// <summary>Whether so much waits for gateways that this silo must not place more.</summary>
    bool IsFull => false;

    /// <summary>The live gateways.</summary>
    IReadOnlyList<IGatewayLink> Links { get; }
}

/// <inheritdoc />
internal sealed class LiveGateways : ILiveGateways
{
    /// <summary>How old the start of the last answered poll may be.</summary>
    public static readonly TimeSpan FenceAfter = TimeSpan.FromSeconds(1.5);

    private readonly TimeProvider _timeProvider;
    private readonly QueueBudget _queues;
    private readonly LinkSettings _settings;
    private Dictionary<Guid, GatewayLink> _byId = [];
    private volatile IReadOnlyList<IGatewayLink> _links = [];
    private long _confirmedAt;
    private volatile bool _isConfirmed;

    public LiveGateways(GrainMetrics metrics, QueueBudget queues, TimeProvider timeProvider, ILogger<LiveGateways> logger)
    {
        _timeProvider = timeProvider;
        _queues = queues;
        _settings = new LinkSettings(timeProvider, logger) { IsFenced = () => IsFenced, DeliveryFailed = metrics.DeliveryFailed, Waiting = queues.Links.Add };
        metrics.ObserveGateways(() => _links.Count, () => IsFenced);
    }

    public bool IsFenced => !_isConfirmed || _timeProvider.GetElapsedTime(Volatile.Read(ref _confirmedAt)) > FenceAfter;

    // Only what this silo holds: the queues of a gateway in the same process would never drain if their own silo waited for them.
    public bool IsFull => _queues.Links.Bytes >= _queues.Bytes;

    public IReadOnlyList<IGatewayLink> Links => _links;

    /// <summary>The last table this silo was given.</summary>
    public GatewayTable Table { get; private set; } = GatewayTable.None;

    /// <summary>The registry has answered a poll that was sent at <paramref name="startedAt"/>. Called by the one poller only.</summary>
    public void Confirm(GatewayTable? table, long startedAt)
    {
        if (table is not null)
        {
            Take(table);
        }

        Volatile.Write(ref _confirmedAt, startedAt);
        _isConfirmed = true;
    }

    private void Take(GatewayTable table)
    {
        var byId = table.Entries.ToDictionary(
            entry => entry.Id, entry => _byId.TryGetValue(entry.Id, out var link) ? link : new GatewayLink(entry, _settings));
        var gone = _byId.Values.Where(link => !byId.ContainsKey(link.Id)).ToList();
        _byId = byId;
        _links = [.. byId.Values];
        Table = table;
        gone.ForEach(link => link.Close());
    }
}
