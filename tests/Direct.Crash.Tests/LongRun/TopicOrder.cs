using System.Collections.Concurrent;
using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.LongRun;

/// <summary>Checks that all clients receive the same message at an offset of an epoch: that of the first client.</summary>
internal sealed class TopicOrder
{
    private readonly ConcurrentDictionary<long, SignalKey> _messages = new();

    public bool IsAt(long offset, SignalKey key) => _messages.GetOrAdd(offset, key) == key;
}
