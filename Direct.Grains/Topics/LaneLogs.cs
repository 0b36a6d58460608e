using Direct.Grains.Links;
using Direct.Keeping;

namespace Direct.Grains.Topics;

/// <summary>Holds what the logs of all lanes of a silo share: the limits, the budget, which drops the oldest messages once a second, the second holders, and the metrics.</summary>
internal sealed class LaneLogs : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // The default of gateways, and longer than those of older ones, which do not report it.
    private static readonly TimeSpan RememberIdsFor = TimeSpan.FromMinutes(5);

    private readonly GrainMetrics _metrics;
    private readonly ILiveGateways _gateways;
    private readonly TimeSpan _window;
    private readonly Lazy<ITimer> _everySecond; // from the first kept topic on

    /// <param name="metrics">The metrics of the silo.</param>
    /// <param name="gateways">The live gateways, which report how long they keep.</param>
    /// <param name="budget">Bounds what is kept of all topics.</param>
    /// <param name="bytesPerTopic">The bytes that are kept of one topic.</param>
    /// <param name="window">How long a topic is kept after the lease of its last gateway has ended, unless a gateway reports a longer time.</param>
    /// <param name="timeProvider">The clock.</param>
    public LaneLogs(GrainMetrics metrics, ILiveGateways gateways, KeepBudget budget, int bytesPerTopic, TimeSpan window, TimeProvider timeProvider)
    {
        (_metrics, _gateways, Budget, BytesPerTopic, _window) = (metrics, gateways, budget, bytesPerTopic, window);
        Holders = new SecondHolders(gateways, metrics);
        _everySecond = new Lazy<ITimer>(() => timeProvider.CreateTimer(_ => EverySecond(), null, Second, Second));
        metrics.ObserveHolders(() => Holders.Unkept);
    }

    public KeepBudget Budget { get; }

    public int BytesPerTopic { get; }

    /// <summary>Gets what finds gateways for topics that none keeps.</summary>
    public SecondHolders Holders { get; }

    /// <summary>Gets how long a topic is kept after the lease of its last gateway has ended.</summary>
    public TimeSpan Window => _gateways.KeepFor is { } reported && reported > _window ? reported : _window;

    /// <summary>Gets how long the ids of signals are remembered, as the gateway that remembers them longest does.</summary>
    public TimeSpan IdWindow => _gateways.RemembersIdsFor ?? RememberIdsFor;

    /// <summary>Counts a topic that is kept from now on.</summary>
    public void Began()
    {
        _metrics.KeptTopics(1);
        _ = _everySecond.Value;
    }

    /// <summary>Counts a topic that is kept no more.</summary>
    public void Ended() => _metrics.KeptTopics(-1);

    /// <summary>Counts bytes that are kept from now on, or no more if negative.</summary>
    public void Count(long bytes)
    {
        _metrics.KeptBytes(bytes);
        Budget.Count(bytes);
    }

    public void Dispose()
    {
        if (_everySecond.IsValueCreated)
        {
            _everySecond.Value.Dispose();
        }
    }

    private void EverySecond()
    {
        Budget.Trim(int.MaxValue);
        _ = Holders.LookAsync(); // it does not fail
    }
}
