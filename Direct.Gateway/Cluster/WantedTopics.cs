using System.Collections.Concurrent;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Holds the topics that this gateway wants, each with the ascending number of its last change. A topic is wanted from before the subscribe call
/// until the unsubscribe call, whether it has members or not.
/// </summary>
internal sealed class WantedTopics
{
    private readonly ConcurrentDictionary<TopicKey, long> _numbers = new();
    private long _lastNumber;

    public int Count => _numbers.Count;

    /// <summary>Makes every later answer say that the topic is wanted. Returns the number of this change.</summary>
    public long Want(TopicKey topic)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        _numbers[topic] = number;
        return number;
    }

    /// <summary>Makes every later answer say that the topic is not wanted. Returns the number of this change.</summary>
    public long Unwant(TopicKey topic)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        _numbers.TryRemove(topic, out _);
        return number;
    }

    /// <summary>Returns whether a topic is wanted, and the number of the change that says so.</summary>
    public (bool IsWanted, long Number) Get(TopicKey topic)
    {
        // Read before the look-up: a change in between has a higher number and takes precedence.
        var number = Interlocked.Read(ref _lastNumber);
        return _numbers.TryGetValue(topic, out var wantedSince) ? (true, wantedSince) : (false, number);
    }

    public void Clear() => _numbers.Clear();
}
