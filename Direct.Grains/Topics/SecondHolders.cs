using System.Collections.Concurrent;
using Direct.Grains.Links;

namespace Direct.Grains.Topics;

/// <summary>Looks once a second for kept topics of this silo whose gateways have left the cluster, and asks others to keep them. Only lanes with logs take part.</summary>
/// <remarks>
/// A look makes at most one call to each gateway, of at most <see cref="Gateways.KeepRequest.MaxTopics"/>, and the next look does not begin before these calls have ended. So the topics
/// of a gateway that kept very many get their second holders one after the other, and the gateways that fetch their logs are not overloaded.
/// </remarks>
internal sealed class SecondHolders(ILiveGateways gateways, GrainMetrics metrics)
{
    // By activation, so that a simulation sees them in the same order each time.
    private readonly ConcurrentDictionary<Guid, LaneRouter> _lanes = new(); // those with a log
    private readonly ConcurrentDictionary<Guid, LaneRouter> _watched = new(); // those with topics that may need a second holder
    private readonly ConcurrentDictionary<Guid, bool> _leaving = new();
    private HashSet<Guid> _keepers = [];
    private int _isLooking;
    private volatile int _unkept;
    private volatile bool _isStopping;

    /// <summary>Gets whether this silo is about to stop, so that a gateway that stops too hands its topics over to the next activation of a lane.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Gets the number of topics that no gateway keeps, as of the last look.</summary>
    public int Unkept => _unkept;

    /// <summary>Adds a lane, which has a log from now on.</summary>
    public void Add(LaneRouter lane)
    {
        _lanes[lane.Epoch] = lane;
        Watch(lane);
    }

    /// <summary>Looks at a lane from now on, because a topic may have lost its last keeper.</summary>
    public void Watch(LaneRouter lane) => _watched[lane.Epoch] = lane;

    /// <summary>Removes a lane, which has ended.</summary>
    public void Remove(LaneRouter lane)
    {
        _lanes.TryRemove(lane.Epoch, out _);
        _watched.TryRemove(lane.Epoch, out _);
    }

    /// <summary>Records that a gateway is being stopped: what it keeps is lost soon, and it is not asked to keep anything.</summary>
    public void Leaving(Guid gateway) => _leaving[gateway] = true;

    /// <summary>Returns whether a gateway is being stopped.</summary>
    public bool IsLeaving(Guid gateway) => _leaving.ContainsKey(gateway);

    /// <summary>Makes <see cref="IsStopping"/> true, and returns the lanes that have logs.</summary>
    public IReadOnlyList<LaneRouter> BeginStopping()
    {
        _isStopping = true;
        return [.. _lanes.Values];
    }

    /// <summary>Returns a collection of requests to the gateways that live now.</summary>
    public HolderCalls NewCalls() => new(gateways.Links, IsLeaving);

    /// <summary>Looks once, unless a look is under way. It never fails.</summary>
    public async Task LookAsync()
    {
        if (_lanes.IsEmpty || gateways.IsFenced)
        {
            _unkept = 0;
            return;
        }

        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
        {
            return;
        }

        try
        {
            var calls = Collect();
            metrics.HoldersAsked(calls.Asked);
            await Task.WhenAll(calls.All.Select(static call => call.Gateway.KeepAsync(call.Requests)));
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private HolderCalls Collect()
    {
        var links = gateways.Links.Where(static link => link.Keeps).Select(static link => link.Id).ToHashSet();
        var left = _leaving.Keys.Where(gateway => !links.Contains(gateway)).ToList();
        left.ForEach(gateway => _leaving.TryRemove(gateway, out _));
        links.RemoveWhere(IsLeaving);
        var lanes = left.Count == 0 && links.IsSupersetOf(_keepers) ? _watched.Values : _lanes.Values;
        _keepers = links;
        var calls = NewCalls();
        var unkept = 0;
        foreach (var lane in lanes)
        {
            // Removed first: what happens during the look adds it again.
            _watched.TryRemove(lane.Epoch, out _);
            if (lane.Look(calls, out var unkeptHere))
            {
                Watch(lane);
            }

            unkept += unkeptHere;
        }

        _unkept = unkept;
        return calls;
    }
}
