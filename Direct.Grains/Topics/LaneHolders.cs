using Direct.Grains.Gateways;

namespace Direct.Grains.Topics;

/// <summary>
/// Finds a second holder for each topic of a lane that no gateway keeps, although its clients may come back: a gateway that keeps the topic without a connection. The lock of the
/// lane's router guards it.
/// </summary>
internal sealed class LaneHolders(TimeProvider timeProvider)
{
    /// <summary>Specifies the time without a gateway after which one is asked. Most clients have come back elsewhere by then.</summary>
    public static readonly TimeSpan AskAfter = TimeSpan.FromSeconds(5);

    /// <summary>Specifies the time after which another gateway is asked, if the first one does not keep the topic. It doubles with each try.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(3);

    /// <summary>Specifies the time after which a second holder lets a topic go that another gateway keeps. By then that one has fetched the log.</summary>
    public static readonly TimeSpan LetGoAfter = TimeSpan.FromSeconds(30);

    private const int MostDoublings = 4;

    private readonly Dictionary<TopicKey, Need> _needs = [];

    /// <summary>Gets the number of topics that no gateway keeps.</summary>
    public int Unkept => _needs.Values.Count(static need => !need.IsKept);

    /// <summary>Forgets a topic, whose log has ended.</summary>
    public void Forget(TopicKey topic) => _needs.Remove(topic);

    /// <summary>Makes the next look ask for a topic at once, if no other gateway keeps it: nobody comes soon who would keep it.</summary>
    public void AskSoon(TopicKey topic) => Find(topic).IsUrgent = true;

    /// <summary>Adds what must be asked about a topic now. Returns whether the topic must be looked at again.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="keepers">The gateways that keep it; null if there are none.</param>
    /// <param name="timeLeft">How long the log stays without another gateway that keeps it.</param>
    /// <param name="calls">Takes the requests.</param>
    /// <param name="toKeep">Creates a request to keep the topic for a time.</param>
    public bool Look(TopicKey topic, Subscribers? keepers, TimeSpan timeLeft, HolderCalls calls, Func<TimeSpan, KeepRequest> toKeep)
    {
        if (keepers is not null && calls.AnyStays(keepers))
        {
            return _needs.TryGetValue(topic, out var kept) && LookAtKept(topic, keepers, kept, calls, toKeep);
        }

        if (timeLeft <= LaneRouter.KeepUnwantedFor)
        {
            _needs.Remove(topic); // the log ends, as after the last unsubscription
            return false;
        }

        var need = Find(topic);
        (need.IsKept, need.KeptByOthersSince) = (false, 0);
        need.IsUrgent |= keepers is { KeptBy: > 0 }; // which say that they stop
        if (IsDue(need) && calls.Choose(topic, need.Tries) is { } gateway && calls.TryAdd(gateway.Id, toKeep(timeLeft)))
        {
            (need.Gateway, need.AskedAt, need.Tries) = (gateway.Id, timeProvider.GetTimestamp(), need.Tries + 1);
        }

        return true;
    }

    private bool LookAtKept(TopicKey topic, Subscribers keepers, Need need, HolderCalls calls, Func<TimeSpan, KeepRequest> toKeep)
    {
        if (!keepers.IsKeptBy(need.Gateway) || calls.IsLeaving(need.Gateway))
        {
            _needs.Remove(topic);
            return false;
        }

        // If it leaves too, the next one is asked at once.
        (need.IsKept, need.IsUrgent, need.Tries) = (true, true, 0);
        if (keepers.Keepers.Count(gateway => !calls.IsLeaving(gateway)) == 1)
        {
            need.KeptByOthersSince = 0;
            return true;
        }

        need.KeptByOthersSince = need.KeptByOthersSince == 0 ? timeProvider.GetTimestamp() : need.KeptByOthersSince;
        if (timeProvider.GetElapsedTime(need.KeptByOthersSince) < LetGoAfter || !calls.TryAdd(need.Gateway, toKeep(TimeSpan.Zero)))
        {
            return true;
        }

        _needs.Remove(topic); // if the call is lost, it lets go at the end of the window
        return false;
    }

    private bool IsDue(Need need) => need.Tries == 0
        ? need.IsUrgent || timeProvider.GetElapsedTime(need.Since) >= AskAfter
        : timeProvider.GetElapsedTime(need.AskedAt) >= AskAgainAfter * (1 << Math.Min(need.Tries - 1, MostDoublings));

    private Need Find(TopicKey topic)
    {
        if (!_needs.TryGetValue(topic, out var need))
        {
            _needs.Add(topic, need = new Need { Since = timeProvider.GetTimestamp() });
        }

        return need;
    }

    private sealed class Need
    {
        public long Since { get; init; }

        public bool IsUrgent { get; set; }

        /// <summary>Gets or sets the number of gateways that were asked since one has kept the topic.</summary>
        public int Tries { get; set; }

        public long AskedAt { get; set; }

        /// <summary>Gets or sets the gateway that was asked last.</summary>
        public Guid Gateway { get; set; }

        /// <summary>Gets or sets whether that gateway keeps the topic.</summary>
        public bool IsKept { get; set; }

        public long KeptByOthersSince { get; set; }
    }
}
