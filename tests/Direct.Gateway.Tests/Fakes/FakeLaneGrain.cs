using Direct.Grains.Topics;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a lane grain. Every call waits until the test completes it, or is accepted at once.</summary>
internal sealed class FakeLaneGrain : IUserPartitionGrain, IGroupGrain, IChannelGrain, IRoomGrain, IEveryoneGrain
{
    private readonly Lock _gate = new();
    private readonly List<PublishCall> _publishes = [];
    private readonly List<CollectCall> _collects = [];
    private readonly List<(string What, TopicKey Topic, Guid Gateway, long Number)> _subscriptions = [];

    public Guid Epoch { get; set; } = Guid.NewGuid();

    /// <summary>Gets or sets whether every publish is accepted and acknowledged at once.</summary>
    public bool AcceptsAtOnce { get; set; }

    /// <summary>Gets or sets the result of a subscribe; by default it succeeds at once.</summary>
    public Func<TopicKey, Task<bool>> OnSubscribe { get; set; } = static _ => Task.FromResult(true);

    public IReadOnlyList<PublishCall> Publishes
    {
        get
        {
            lock (_gate)
            {
                return [.. _publishes];
            }
        }
    }

    public IReadOnlyList<CollectCall> Collects
    {
        get
        {
            lock (_gate)
            {
                return [.. _collects];
            }
        }
    }

    public IReadOnlyList<(string What, TopicKey Topic, Guid Gateway, long Number)> Subscriptions
    {
        get
        {
            lock (_gate)
            {
                return [.. _subscriptions];
            }
        }
    }

    /// <summary>Waits for the publish call with this number, starting at 1.</summary>
    public async Task<PublishCall> PublishAsync(int number)
    {
        await Deadline.UntilAsync($"publish {number}", () => Publishes.Count >= number, actual: () => $"{Publishes.Count} publishes");
        return Publishes[number - 1];
    }

    public async Task<CollectCall> CollectAsync(int number)
    {
        await Deadline.UntilAsync($"collect {number}", () => Collects.Count >= number, actual: () => $"{Collects.Count} collects");
        return Collects[number - 1];
    }

    /// <summary>Gets or sets the answer to a subscribe with keep.</summary>
    public KeptAnswer Kept { get; set; } = KeptAnswer.NotReady;

    /// <summary>Gets or sets the number of unsubscribes that fail from now on.</summary>
    public int LostUnsubscribes { get; set; }

    /// <summary>Gets or sets the answer to a fetch.</summary>
    public Func<FetchRequest, TailPage> OnFetch { get; set; } = static _ => TailPage.NotReady;

    /// <summary>Gets or sets the answer to a fetch of headers.</summary>
    public Func<FetchRequest, HeaderPage> OnFetchHeaders { get; set; } = static _ => HeaderPage.NotReady;

    /// <summary>Gets or sets whether the silo is older than the call.</summary>
    public bool IsOld { get; set; }

    public ValueTask<KeptAnswer> SubscribeKeptAsync(TopicKey topic, Guid gateway, long number)
    {
        lock (_gate)
        {
            _subscriptions.Add(("keep", topic, gateway, number));
        }

        return IsOld ? ValueTask.FromException<KeptAnswer>(new TypeLoadException()) : new ValueTask<KeptAnswer>(Kept);
    }

    public ValueTask<TailPage> FetchAsync(FetchRequest request) => new(OnFetch(request));

    public ValueTask<HeaderPage> FetchHeadersAsync(FetchRequest request) => new(OnFetchHeaders(request));

    /// <summary>Gets or sets the handler of calls that hand topics over; by default they succeed at once.</summary>
    public Func<Guid, HandOverRequest[], Task<bool>> OnHandOver { get; set; } = static (_, _) => Task.FromResult(true);

    public ValueTask<bool> HandOverAsync(Guid gateway, HandOverRequest[] topics) => new(OnHandOver(gateway, topics));

    public ValueTask<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch)
    {
        var call = new PublishCall(this, batch, expectedEpoch);
        lock (_gate)
        {
            _publishes.Add(call);
        }

        if (AcceptsAtOnce)
        {
            call.Accept();
        }

        return new ValueTask<PublishAnswer>(call.Task);
    }

    public ValueTask<PublishAnswer> CollectAsync(Guid publisher, long sequence)
    {
        var call = new CollectCall(this, sequence);
        lock (_gate)
        {
            _collects.Add(call);
        }

        return new ValueTask<PublishAnswer>(call.Task);
    }

    public async ValueTask<bool> SubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        lock (_gate)
        {
            _subscriptions.Add(("subscribe", topic, gateway, number));
        }

        return await OnSubscribe(topic);
    }

    public ValueTask UnsubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        lock (_gate)
        {
            _subscriptions.Add(("unsubscribe", topic, gateway, number));
            return LostUnsubscribes-- > 0 ? ValueTask.FromException(new TimeoutException("as the test says")) : default;
        }
    }

    /// <summary>Represents a call that the test completes.</summary>
    internal abstract class Call(FakeLaneGrain grain, TaskCreationOptions options)
    {
        private readonly TaskCompletionSource<PublishAnswer> _answer = new(options);

        public Task<PublishAnswer> Task => _answer.Task;

        protected FakeLaneGrain Grain => grain;

        public void NotReady() => _answer.SetResult(new PublishAnswer(PublishStatus.NotReady, Guid.Empty, [], [], false));

        public void OtherEpoch() => _answer.SetResult(new PublishAnswer(PublishStatus.OtherEpoch, grain.Epoch, [], [], false));

        /// <summary>Completes the call as accepted and acknowledged, with a response that does not match the batch.</summary>
        public void Malformed(int receipts, bool hasPending = true) => _answer.SetResult(new PublishAnswer(
            PublishStatus.Accepted, grain.Epoch, new SignalReceipt[receipts], hasPending ? [] : null!, false));

        public void Fail() => _answer.SetException(new TimeoutException("as the test says"));

        protected void Accept(int signals, int delivered, string[] pending, bool isUnresponsive = false) => _answer.SetResult(new PublishAnswer(
            PublishStatus.Accepted,
            grain.Epoch,
            [.. Enumerable.Repeat(new SignalReceipt(DeliveryStatus.Delivered, delivered, delivered > 0 ? 1 : 0), signals)],
            pending,
            isUnresponsive));
    }

    internal sealed class PublishCall(FakeLaneGrain grain, SignalBatch batch, Guid expectedEpoch)
        : Call(grain, TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public SignalBatch Batch => batch;

        public Guid ExpectedEpoch => expectedEpoch;

        public IEnumerable<long> Sequences => batch.Signals.Select(signal => signal.Sequence);

        /// <summary>Completes the call as accepted, with these gateways pending.</summary>
        public void Accept(params string[] pending) => Accept(batch.Signals.Length, 1, pending);

        /// <summary>Completes the call as accepted, with one pending gateway that has not responded for over a second.</summary>
        public void AcceptWithUnresponsive(string pending) => Accept(batch.Signals.Length, 1, [pending], isUnresponsive: true);

        public void Accept(int delivered) => Accept(batch.Signals.Length, delivered, []);
    }

    /// <summary>Represents a collect call. Setting its response runs the continuation of the outbox synchronously.</summary>
    internal sealed class CollectCall(FakeLaneGrain grain, long sequence) : Call(grain, TaskCreationOptions.None)
    {
        public long Sequence => sequence;

        public void Answer(params string[] pending) => Accept(Grain.Publishes.Last(call => call.Sequences.First() == sequence).Batch.Signals.Length, 1, pending);
    }
}
