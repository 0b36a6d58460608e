using System.Collections.Concurrent;
using System.Threading.Channels;
using Direct.Edge.Backplane;
using Direct.Edge.Node;
using Direct.Edge.Topics;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Represents one subscribe or unsubscribe that a test answers when it likes.</summary>
internal sealed class BackplaneCall(bool isSubscribe, Topic topic)
{
    // A waiting caller continues within Succeed and Fail: its continuation has run when they return.
    private readonly TaskCompletionSource _answer = new();

    public Task Answer => _answer.Task;

    public void Succeed() => _answer.SetResult();

    public void Fail() => _answer.SetException(new IOException("the cluster is away"));

    public override string ToString() => $"{(isSubscribe ? "+" : "-")}{topic}";
}

/// <summary>
/// Implements a backplane that must be subscribed to. Its calls are answered at once, or by the test when <see cref="IsHeld"/>; what is published
/// goes to the sink, unless the test decides otherwise.
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

    /// <summary>Gets or sets whether calls wait for the test, which finds them by <see cref="NextCallAsync"/>.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Gets what a call does before it is answered: wait a while, throw.</summary>
    public Func<Task>? OnCall { get; init; }

    /// <summary>Gets or sets what publishing does instead.</summary>
    public Func<Signal, PublishResult>? OnPublish { get; set; }

    /// <summary>Gets or sets what waiting for room does instead.</summary>
    public Func<Topic, ValueTask>? OnReady { get; set; }

    /// <summary>Gets or sets what asking does instead of answering that nobody is connected.</summary>
    public Func<ClusterQuery, CancellationToken, ValueTask<ClusterAnswer>>? OnQuery { get; set; }

    /// <summary>Gets every call so far, as <c>+room/5/7</c> and <c>-room/5/7</c>.</summary>
    public IReadOnlyCollection<string> History => _history;

    /// <summary>Gets how often a call came for a topic while another of the same topic was under way.</summary>
    public int Overlaps => Volatile.Read(ref _overlaps);

    /// <summary>Gets the topics subscribed last and not unsubscribed since.</summary>
    public IEnumerable<string> Subscribed => _history.GroupBy(call => call[1..]).Where(calls => calls.Last()[0] == '+').Select(calls => calls.Key);

    /// <summary>Returns whether a topic is delivered for sure: a subscribe has succeeded, and no unsubscribe has begun since.</summary>
    public bool Delivers(Topic topic) => _delivered.GetValueOrDefault(topic);

    public ValueTask SubscribeAsync(Topic topic, CancellationToken cancellationToken) => CallAsync(true, topic);

    public ValueTask UnsubscribeAsync(Topic topic, CancellationToken cancellationToken) => CallAsync(false, topic);

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) =>
        OnReady?.Invoke(topic) ?? sink?.ReadyAsync(topic, cancellationToken) ?? default;

    public PublishResult Publish(in Signal signal) => OnPublish?.Invoke(signal) ?? InProcess(sink!).Publish(signal);

    public ValueTask<ClusterAnswer> QueryAsync(ClusterQuery query, CancellationToken cancellationToken) =>
        OnQuery?.Invoke(query, cancellationToken) ?? new(new ClusterAnswer(QueryStatus.Answered, [], []));

    /// <summary>Returns a backplane of a node that is alone.</summary>
    public static InProcessBackplane InProcess(ISignalSink sink, IPresenceHandler? presenceHandler = null) => new(sink, presenceHandler!, Options.Create(new EndpointOptions()));

    public Task<BackplaneCall> NextCallAsync(string phase) =>
        Deadline.RunAsync(phase, _calls.Reader.ReadAsync, actual: () => $"calls so far: {string.Join(' ', _history)}");

    /// <summary>Returns whether a call waits for the test.</summary>
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
