using System.Collections.Concurrent;
using System.Threading.Channels;
using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Direct.Edge.Node;
using Direct.Edge.Topics;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Represents one subscribe or unsubscribe call that the test completes.</summary>
internal sealed class BackplaneCall(bool isSubscribe, Topic topic)
{
    // Continuations run synchronously: the waiting caller has continued when Succeed or Fail returns.
    private readonly TaskCompletionSource _answer = new();

    public Task Answer => _answer.Task;

    public void Succeed() => _answer.SetResult();

    public void Fail() => _answer.SetException(new IOException("the cluster is away"));

    public override string ToString() => $"{(isSubscribe ? "+" : "-")}{topic}";
}

/// <summary>
/// Implements a backplane that needs subscriptions. Its calls complete at once, or by the test when <see cref="IsHeld"/> is set. Published signals go
/// to the sink, unless the test replaces that.
/// </summary>
internal sealed class FaultyBackplane(ISignalSink? sink = null) : IBackplane
{
    private readonly Channel<BackplaneCall> _calls = Channel.CreateUnbounded<BackplaneCall>();
    private readonly ConcurrentQueue<string> _history = new();
    private readonly ConcurrentDictionary<Topic, int> _underWay = new();
    private readonly ConcurrentDictionary<Topic, bool> _delivered = new();
    private int _overlaps;

    public string Name => "this-gateway";

    public bool NeedsSubscriptions => true;

    /// <summary>Gets or sets whether calls wait for the test, which gets them from <see cref="NextCallAsync"/>.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Gets an action that runs before a call completes, such as a wait or an exception.</summary>
    public Func<Task>? OnCall { get; init; }

    /// <summary>Gets or sets a replacement for publishing.</summary>
    public Func<Signal, PublishResult>? OnPublish { get; set; }

    /// <summary>Gets or sets a replacement for the wait for space.</summary>
    public Func<Topic, ValueTask>? OnReady { get; set; }

    /// <summary>Gets or sets a replacement for queries; by default the response contains no connections.</summary>
    public Func<ClusterQuery, CancellationToken, ValueTask<ClusterAnswer>>? OnQuery { get; set; }

    /// <summary>Gets all calls so far, as <c>+room/5/7</c>, <c>*room/5/7</c> with keep, and <c>-room/5/7</c>.</summary>
    public IReadOnlyCollection<string> History => _history;

    /// <summary>Gets how often a call began while another one for the same topic was under way.</summary>
    public int Overlaps => Volatile.Read(ref _overlaps);

    /// <summary>Gets the topics whose last call was a subscribe.</summary>
    public IEnumerable<string> Subscribed => _history.GroupBy(call => call[1..]).Where(calls => calls.Last()[0] == '+').Select(calls => calls.Key);

    /// <summary>Returns whether the topic is certainly delivered: a subscribe has succeeded, and no unsubscribe has begun since.</summary>
    public bool Delivers(Topic topic) => _delivered.GetValueOrDefault(topic);

    public ValueTask SubscribeAsync(Topic topic, CancellationToken cancellationToken) => CallAsync(true, topic);

    public ValueTask UnsubscribeAsync(Topic topic, CancellationToken cancellationToken) => CallAsync(false, topic);

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) =>
        OnReady?.Invoke(topic) ?? sink?.ReadyAsync(topic, cancellationToken) ?? default;

    public PublishResult Publish(in Signal signal) => OnPublish?.Invoke(signal) ?? InProcess(sink!).Publish(signal);

    public ValueTask<ClusterAnswer> QueryAsync(ClusterQuery query, CancellationToken cancellationToken) =>
        OnQuery?.Invoke(query, cancellationToken) ?? new(new ClusterAnswer(QueryStatus.Answered, [], []));

    /// <summary>Returns the backplane of a single node.</summary>
    public static InProcessBackplane InProcess(ISignalSink sink, IPresenceHandler? presenceHandler = null) => new(sink, presenceHandler!, Options.Create(new EndpointOptions()));

    /// <summary>Gets or sets the answer to a subscribe with keep.</summary>
    public Func<FollowedTopic, Task> OnSubscribeKept { get; set; } = static _ => throw new NotSupportedException();

    /// <summary>Gets or sets the answer to a fetch.</summary>
    public Func<FollowedTopic, LogRange, Task> OnFetch { get; set; } = static (_, _) => throw new NotSupportedException();

    public async ValueTask SubscribeKeptAsync(FollowedTopic kept, CancellationToken cancellationToken)
    {
        _history.Enqueue($"*{kept.Topic}");
        await OnSubscribeKept(kept);
    }

    public async ValueTask FetchAsync(FollowedTopic kept, LogRange range, CancellationToken cancellationToken) => await OnFetch(kept, range);

    public Task<BackplaneCall> NextCallAsync(string phase) =>
        Deadline.RunAsync(phase, _calls.Reader.ReadAsync, actual: () => $"calls so far: {string.Join(' ', _history)}");

    /// <summary>Returns whether a call waits for the test, and takes it.</summary>
    public bool TryTakeCall(out BackplaneCall? call) => _calls.Reader.TryRead(out call);

    private async ValueTask CallAsync(bool isSubscribe, Topic topic)
    {
        var call = new BackplaneCall(isSubscribe, topic);
        if (_underWay.AddOrUpdate(topic, 1, (_, count) => count + 1) > 1)
        {
            Interlocked.Increment(ref _overlaps);
        }

        _history.Enqueue(call.ToString());
        if (!isSubscribe)
        {
            _delivered[topic] = false;
        }

        try
        {
            if (IsHeld)
            {
                _calls.Writer.TryWrite(call);
                await call.Answer;
            }

            await (OnCall?.Invoke() ?? Task.CompletedTask);
            _delivered[topic] = isSubscribe;
        }
        finally
        {
            _underWay.AddOrUpdate(topic, 0, (_, count) => count - 1);
        }
    }
}
