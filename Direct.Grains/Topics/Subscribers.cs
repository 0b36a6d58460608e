using Direct.Grains.Links;

namespace Direct.Grains.Topics;

/// <summary>
/// Which gateways want one topic, as far as this activation knows. Until every live gateway has been asked it is incomplete, and a
/// signal goes to all of them.
/// </summary>
internal sealed class Subscribers
{
    // A topic is wanted by few gateways: an array is smaller and faster here than a dictionary.
    private Entry[] _entries = [];

    /// <summary>Whether every live gateway has told whether it wants the topic.</summary>
    public bool IsComplete { get; set; }

    /// <summary>How many want it, as far as is known.</summary>
    public int WantedBy => _entries.Count(static entry => entry.IsWanted);

    /// <summary>Whether somebody wants it, as far as is known.</summary>
    public bool IsWanted => Array.Exists(_entries, static entry => entry.IsWanted);

    /// <summary>When it was last used, in the clock of whoever owns it.</summary>
    public long UsedAt { get; set; }

    /// <summary>Whether a signal must go to this gateway.</summary>
    public bool MayWant(IGatewayLink gateway) =>
        !IsComplete || (Find(gateway.Id) is { } at && _entries[at].IsWanted);

    /// <summary>
    /// A gateway has told what it wants. What it said later counts, in whatever order it arrives. Of two with one number "wanted" is the
    /// later: a gateway may answer between counting up and writing down what it wants from that number on.
    /// </summary>
    /// <returns>How many more want the topic now: 1, 0 or -1.</returns>
    public int Told(Guid gateway, bool isWanted, long number)
    {
        if (Find(gateway) is not { } at)
        {
            _entries = [.. _entries, new Entry(gateway, isWanted, number)];
            return isWanted ? 1 : 0;
        }

        var before = _entries[at];
        if (number < before.Number || (number == before.Number && !isWanted))
        {
            return 0;
        }

        _entries[at] = new Entry(gateway, isWanted, number);
        return (isWanted ? 1 : 0) - (before.IsWanted ? 1 : 0);
    }

    /// <summary>Forgets gateways that live no more. Allocates nothing when all do, because it is called for every topic of a silo.</summary>
    /// <returns>How many of them wanted the topic.</returns>
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

    private readonly record struct Entry(Guid Gateway, bool IsWanted, long Number);
}
