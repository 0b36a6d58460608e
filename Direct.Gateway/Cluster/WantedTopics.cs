using System.Collections.Concurrent;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Which topics this gateway wants, each with the rising number of its last change. Wanted means: from before the subscribe is sent
/// until the unsubscribe is; not whether there are members now.
/// </summary>
internal sealed class WantedTopics
{
    private readonly ConcurrentDictionary<TopicKey, long> _numbers = new();
    private long _lastNumber;

    public int Count => _numbers.Count;

    /// <summary>From now on every answer says that the topic is wanted. Returns the number of this change.</summary>
    public long Want(TopicKey topic)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        _numbers[topic] = number;
        return number;
    }

    /// <summary>From now on no answer says so. Returns the number of this change.</summary>
    public long Unwant(TopicKey topic)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        _numbers.TryRemove(topic, out _);
        return number;
    }

    /// <summary>What to answer about a topic.</summary>
    public (bool IsWanted, long Number) Get(TopicKey topic)
    {
        // Read before the look-up: a want that comes in between has a higher number, and wins.
        var number = Interlocked.Read(ref _lastNumber);
        return _numbers.TryGetValue(topic, out var wantedSince) ? (true, wantedSince) : (false, number);
    }

    public void Clear() => _numbers.Clear();
}
