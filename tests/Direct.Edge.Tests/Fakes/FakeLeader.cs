using System.Collections.Concurrent;
using Direct.Edge.Keeping;
using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements the leader of the logs of a keeper: it records the calls, and the test answers them.</summary>
internal sealed class FakeLeader(TimeProvider timeProvider) : ILogLeader
{
    private readonly ConcurrentQueue<string> _calls = new();

    public TimeProvider TimeProvider => timeProvider;

    /// <summary>Gets all calls so far, such as <c>reopen</c> and <c>fetch 5</c>.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>Gets or sets the answer to a fetch. By default there is none.</summary>
    public Func<FollowedTopic, LogRange, Task<bool>> OnFetch { get; set; } = static (_, _) => new TaskCompletionSource<bool>().Task;

    public void Follow(Topic topic) => _calls.Enqueue("follow");

    public void Reopen(Topic topic) => _calls.Enqueue("reopen");

    public Task<bool> TryFetchAsync(FollowedTopic topic, LogRange range)
    {
        _calls.Enqueue(range.IsOlder ? $"fetch {range.After}-{range.Through}" : $"fetch {range.After}");
        return OnFetch(topic, range);
    }
}
