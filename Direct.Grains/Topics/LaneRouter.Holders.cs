using Direct.Grains.Gateways;

namespace Direct.Grains.Topics;

// What the silo asks of a lane so that its logs survive the end of gateways, and of this silo.
internal sealed partial class LaneRouter
{
    /// <summary>
    /// Forgets gateways that have left the cluster, and adds what others must be asked to keep instead. Returns whether the lane must be looked at again.
    /// </summary>
    /// <param name="calls">Takes the requests.</param>
    /// <param name="unkept">The number of topics that no gateway keeps.</param>
    public bool Look(HolderCalls calls, out int unkept)
    {
        lock (_gate)
        {
            var looksAgain = false;
            unkept = 0;
            if (_log is not null && !_isClosed)
            {
                foreach (var topic in _log.Topics)
                {
                    var subscribers = _topics.GetValueOrDefault(topic);
                    if (subscribers is not null)
                    {
                        ForgetDeparted(topic, subscribers);
                    }

                    looksAgain |= _log.Look(topic, subscribers, calls);
                }

                unkept = _log.Unkept;
            }

            return looksAgain;
        }
    }

    /// <summary>Returns a request for each log of the lane that makes a gateway keep it, and the gateways that keep any of them and are not being stopped.</summary>
    public (List<KeepRequest> Requests, HashSet<Guid> Keepers) LogsToKeep()
    {
        var (requests, keepers) = (new List<KeepRequest>(), new HashSet<Guid>());
        lock (_gate)
        {
            foreach (var topic in _log?.Topics ?? [])
            {
                var subscribers = _topics.GetValueOrDefault(topic);
                keepers.UnionWith(subscribers?.Keepers ?? []);
                if (_log!.ToKeep(topic, subscribers) is { } request)
                {
                    requests.Add(request);
                }
            }
        }

        keepers.RemoveWhere(logs.Holders.IsLeaving);
        return (requests, keepers);
    }

    /// <summary>Returns what is missing in front of the tail of a topic, with its open epoch; null if the tail goes back far enough.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="first">The offset of the message with which the tail should begin.</param>
    public (long Epoch, FetchRequest Request)? FindMissing(TopicKey topic, long first)
    {
        lock (_gate)
        {
            return _isClosed ? null : _log?.FindMissing(topic, first);
        }
    }

    /// <summary>
    /// Records that a gateway is being stopped, and what it keeps. Returns false if the lane does not serve at present. The gateway stays subscribed, because its ring must have every message while it
    /// may answer a recovery.
    /// </summary>
    public bool TryHandOver(Guid gateway, IReadOnlyList<HandOverRequest> topics)
    {
        lock (_gate)
        {
            if (_isClosed || _log is null || gateways.IsFenced || logs.Holders.IsStopping)
            {
                return false;
            }

            foreach (var topic in topics)
            {
                _log.HandedOver(topic.Topic);
            }
        }

        logs.Holders.Leaving(gateway);
        logs.Holders.Watch(this);
        return true;
    }

    // Under the gate.
    private void ForgetDeparted(TopicKey topic, Subscribers subscribers)
    {
        var keptBy = _log is null ? 0 : subscribers.KeptBy;
        Count(subscriptions: -subscribers.KeepOnly(gateways.Links));
        if (_log is not null && subscribers.KeptBy < keptBy)
        {
            _log.Lost(topic);
            logs.Holders.Watch(this);
        }
    }
}
