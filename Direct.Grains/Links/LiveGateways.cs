using Direct.Grains.Gateways;
using Direct.Grains.Liveness;
using Direct.Memory;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>Provides the live gateways to a silo, and whether that knowledge is recent enough.</summary>
internal interface ILiveGateways
{
    /// <summary>
    /// Gets whether the registry has not answered this silo for so long that the cluster may have continued without it. Then the silo must not
    /// publish anything.
    /// </summary>
    bool IsFenced { get; }

    /// <summary>Gets whether so many bytes wait for gateways that this silo must not publish more.</summary>
    bool IsFull => false;

    /// <summary>Gets whether this silo is about to stop, and refuses batches until its lanes have moved.</summary>
    bool IsStopping => false;

    /// <summary>Gets whether any of them can keep topics, so that a new activation of a lane must ask them before it accepts anything.</summary>
    bool HasKeepers => false;

    /// <summary>Gets the longest time for which a gateway keeps messages for clients that come back; null if none reports it.</summary>
    TimeSpan? KeepFor => null;

    /// <summary>Gets the longest time for which a gateway remembers the ids of signals; null if none reports it.</summary>
    TimeSpan? RemembersIdsFor => null;

    /// <summary>Gets the live gateways.</summary>
    IReadOnlyList<IGatewayLink> Links { get; }

    /// <summary>Starts to send what waits in the links.</summary>
    void Flush()
    {
        foreach (var link in Links)
        {
            link.Flush();
        }
    }
}

/// <inheritdoc />
internal sealed class LiveGateways : ILiveGateways
{
    /// <summary>
    /// Specifies the time for which a silo that is about to stop refuses batches. By then the membership table says that it stops, and its lanes have moved. If
    /// the table cannot be written, no other silo takes the lanes over, so this one accepts batches again until it ends.
    /// </summary>
    public static readonly TimeSpan RefuseFor = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _timeProvider;
    private readonly QueueBudget _queues;
    private readonly LocalGateways _local;
    private readonly LinkSettings _settings;
    private Dictionary<Guid, GatewayLink> _byId = [];
    private volatile IReadOnlyList<IGatewayLink> _links = [];
    private volatile bool _hasKeepers;
    private long _rememberIdsTicks; // 0 if no gateway reports it; lanes read it for each signal with an id
    private long _confirmedAt;
    private volatile bool _isConfirmed;
    private long _stoppingSince;
    private volatile bool _hasBegunStopping;

    public LiveGateways(GrainMetrics metrics, QueueBudget queues, LocalGateways local, TimeProvider timeProvider, ILogger<LiveGateways> logger)
    {
        _local = local;
        _timeProvider = timeProvider;
        _queues = queues;
        _settings = new LinkSettings(timeProvider, logger) { IsFenced = () => IsFenced, DeliveryFailed = metrics.DeliveryFailed, Waiting = queues.Links.Add };
        metrics.ObserveGateways(() => _links.Count, () => IsFenced);
    }

    public bool IsFenced => !_isConfirmed || _timeProvider.GetElapsedTime(Volatile.Read(ref _confirmedAt)) > SiloTimes.FenceAfter;

    // Counts the links of this silo only: the queues of a gateway in the same process would never drain if their own silo waited for them.
    public bool IsFull => _queues.Links.Bytes >= _queues.Bytes;

    public bool IsStopping => _hasBegunStopping && _timeProvider.GetElapsedTime(Volatile.Read(ref _stoppingSince)) < RefuseFor;

    /// <summary>Gets whether gateways have answered for everything that was accepted.</summary>
    public bool IsIdle => _queues.Links.Bytes == 0;

    public IReadOnlyList<IGatewayLink> Links => _links;

    public bool HasKeepers => _hasKeepers;

    public TimeSpan? KeepFor => Table.Entries.Max(static entry => entry.KeepFor);

    public TimeSpan? RemembersIdsFor => Volatile.Read(ref _rememberIdsTicks) is > 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Gets the last table that the registry sent.</summary>
    public GatewayTable Table { get; private set; } = GatewayTable.None;

    /// <summary>Records that the registry has answered a poll that was sent at <paramref name="startedAt"/>. Called by the poller only.</summary>
    public void Confirm(GatewayTable? table, long startedAt)
    {
        if (table is not null)
        {
            Take(table);
        }

        Volatile.Write(ref _confirmedAt, startedAt);
        _isConfirmed = true;
    }

    /// <summary>Makes <see cref="IsStopping"/> true for <see cref="RefuseFor"/>.</summary>
    public void BeginStopping()
    {
        Volatile.Write(ref _stoppingSince, _timeProvider.GetTimestamp());
        _hasBegunStopping = true;
    }

    private void Take(GatewayTable table)
    {
        var byId = table.Entries.ToDictionary(static entry => entry.Id, LinkTo);
        var gone = _byId.Values.Where(link => !byId.ContainsKey(link.Id)).ToList();
        _byId = byId;
        _links = [.. byId.Values];
        _hasKeepers = byId.Values.Any(static link => link.Keeps);
        Volatile.Write(ref _rememberIdsTicks, table.Entries.Max(static entry => entry.RemembersIdsFor)?.Ticks ?? 0);
        Table = table;
        gone.ForEach(link => link.Close());
    }

    private GatewayLink LinkTo(GatewayEntry entry)
    {
        if (!_byId.TryGetValue(entry.Id, out var link))
        {
            return new GatewayLink(entry, _settings, _local.Find(entry.Id));
        }

        link.Update(entry);
        return link;
    }
}
