using Direct.Grains.Links;

namespace Direct.Grains.Topics;

/// <summary>
/// Caches which gateways want one topic. The cache of a new activation is incomplete until every live gateway has been asked. Until then, signals go
/// to all of them.
/// </summary>
internal sealed class Subscribers
{
    // Few gateways want one topic, so an array is smaller and faster than a dictionary.
    private Entry[] _entries = [];

    /// <summary>Gets or sets whether every live gateway has said whether it wants the topic.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Gets the number of gateways that are known to want the topic.</summary>
    public int WantedBy => _entries.Count(static entry => entry.IsWanted);

    /// <summary>Gets whether a gateway is known to want the topic.</summary>
    public bool IsWanted => Array.Exists(_entries, static entry => entry.IsWanted);

    /// <summary>Gets the number of gateways that keep the topic.</summary>
    public int KeptBy => _entries.Count(static entry => entry.Keeps);

    /// <summary>Gets or sets the time of the last use, as a timestamp of the owner's clock.</summary>
    public long UsedAt { get; set; }

    /// <summary>Returns whether a gateway keeps the topic.</summary>
    public bool IsKeptBy(Guid gateway) => Find(gateway) is { } at && _entries[at].Keeps;

    /// <summary>Gets the gateways that keep the topic.</summary>
    public IEnumerable<Guid> Keepers => _entries.Where(static entry => entry.Keeps).Select(static entry => entry.Gateway);

    /// <summary>Returns whether a signal must go to this gateway. One that keeps the topic wants all of its signals.</summary>
    public bool MayWant(IGatewayLink gateway) =>
        !IsComplete || (Find(gateway.Id) is { } at && _entries[at].IsWanted);

    /// <summary>
    /// Records what a gateway wants. The highest number counts, in whatever order the calls arrive. Of two with the same number "wanted" is the
    /// later one: a gateway may answer after it has incremented the number and before it has stored what it wants.
    /// </summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="isWanted">Whether it wants the topic.</param>
    /// <param name="number">Its number for this topic.</param>
    /// <param name="keeps">Whether it subscribes as a keeper; null if it only says that it wants the topic, or no longer does.</param>
    /// <returns>The change of the number of gateways that want the topic: 1, 0 or -1.</returns>
    public int Apply(Guid gateway, bool isWanted, long number, bool? keeps = null)
    {
        if (Find(gateway) is not { } at)
        {
            _entries = [.. _entries, new Entry(gateway, number, isWanted, keeps ?? false)];
            return isWanted ? 1 : 0;
        }

        var before = _entries[at];
        if (number < before.Number || (number == before.Number && !isWanted))
        {
            return 0;
        }

        _entries[at] = new Entry(gateway, number, isWanted, isWanted && (keeps ?? before.Keeps));
        return (isWanted ? 1 : 0) - (before.IsWanted ? 1 : 0);
    }

    /// <summary>Removes gateways that have left the cluster. Allocates nothing if there are none, because it is called for every topic of a silo.</summary>
    /// <returns>The number of removed gateways that wanted the topic.</returns>
    public int KeepOnly(IReadOnlyList<IGatewayLink> live)
    {
        var forgotten = 0;
        for (var i = _entries.Length - 1; i >= 0; i--)
        {
            if (!IsLive(_entries[i].Gateway, live))
            {
                forgotten += _entries[i].IsWanted ? 1 : 0;
                _entries = [.. _entries[..i], .. _entries[(i + 1)..]];
            }
        }

        return forgotten;
    }

    private static bool IsLive(Guid gateway, IReadOnlyList<IGatewayLink> live)
    {
        for (var i = 0; i < live.Count; i++)
        {
            if (live[i].Id == gateway)
            {
                return true;
            }
        }

        return false;
    }

    private int? Find(Guid gateway)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Gateway == gateway)
            {
                return i;
            }
        }

        return null;
    }

    private readonly record struct Entry(Guid Gateway, long Number, bool IsWanted, bool Keeps);
}
