using System.Collections.Concurrent;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements the link to a gateway. It records the batches, and responds at once, when the test calls <see cref="Answer"/>, or never.</summary>
internal sealed class FakeLink(string name) : IGatewayLink
{
    private readonly Lock _gate = new();
    private readonly List<SignalBatch> _sent = [];
    private readonly Queue<IDelivery> _unanswered = new();
    private readonly Dictionary<TopicKey, long> _wanted = [];

    public Guid Id { get; } = Guid.NewGuid();

    public string Name => name;

    public bool Keeps { get; set; }

    /// <summary>Gets what the gateway keeps.</summary>
    public FakeRings Rings { get; } = new();

    /// <summary>Gets or sets the handler of recoveries, which answers what <see cref="Rings"/> has.</summary>
    public Func<RecoverRequest, CancellationToken, Task<RecoverAnswer?>>? OnRecover { get; set; }

    /// <summary>Gets or sets the handler of reads, which answers what <see cref="Rings"/> has.</summary>
    public Func<FetchRequest, Task<TailPage>>? OnRead { get; set; }

    /// <summary>Gets or sets the handler of installs, which changes <see cref="Rings"/>.</summary>
    public Func<KeepRequest[], Task<bool>>? OnKeep { get; set; }

    /// <summary>Gets the recoveries that it was asked for.</summary>
    public ConcurrentQueue<RecoverRequest> Recoveries { get; } = new();

    /// <summary>Gets or sets whether a send is answered before it returns.</summary>
    public bool AnswersAtOnce { get; set; } = true;

    /// <summary>Gets or sets whether the lease is over: every send is then abandoned at once.</summary>
    public bool IsClosed { get; set; }

    public bool IsSlow { get; set; }

    public bool IsUnresponsive { get; set; }

    /// <summary>Gets or sets how many connections receive each signal.</summary>
    public int Connections { get; set; }

    public DeliveryStatus Status { get; set; }

    /// <summary>Gets or sets the subscription number in its responses for topics that it does not want.</summary>
    public long Number { get; set; }

    public IReadOnlyList<SignalBatch> Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    /// <summary>Gets the sequences of the recorded signals in order.</summary>
    public IEnumerable<long> Sequences => Sent.SelectMany(batch => batch.Signals).Select(signal => signal.Sequence);

    public void Want(TopicKey topic, long number) => _wanted[topic] = number;

    public void Unwant(TopicKey topic, long number)
    {
        _wanted.Remove(topic);
        Number = number;
    }

    bool IGatewayLink.IsSlow(Lane lane) => IsSlow;

    bool IGatewayLink.IsUnresponsive(Lane lane) => IsUnresponsive;

    bool IGatewayLink.IsUnresponsive() => IsUnresponsive;

    public void Send(IDelivery delivery)
    {
        bool isClosed;
        lock (_gate)
        {
            _sent.Add(delivery.Batch);
            isClosed = IsClosed;
            if (!isClosed && !AnswersAtOnce)
            {
                _unanswered.Enqueue(delivery);
                return;
            }
        }

        if (isClosed)
        {
            delivery.Abandoned();
        }
        else
        {
            delivery.Answered(Answers(delivery.Batch));
        }
    }

    public void Flush()
    {
    }

    /// <summary>Gets or sets the handler of queries.</summary>
    public Func<ConnectionQuery, Task<ConnectionResponse?>> OnQuery { get; set; } = static _ => Task.FromResult<ConnectionResponse?>(new ConnectionResponse(0, [], [], false));

    public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) => OnQuery(query);

    public Task<RecoverAnswer?> RecoverAsync(RecoverRequest request, CancellationToken cancellationToken)
    {
        Recoveries.Enqueue(request);
        return OnRecover?.Invoke(request, cancellationToken) ?? Task.FromResult<RecoverAnswer?>(Rings.Recover(request));
    }

    public Task<TailPage> ReadKeptAsync(FetchRequest request) => OnRead?.Invoke(request) ?? Task.FromResult(Rings.Read(request));

    public Task<bool> KeepAsync(KeepRequest[] requests) => OnKeep?.Invoke(requests) ?? Task.FromResult(Array.TrueForAll(requests, Rings.Keep));

    /// <summary>Answers the oldest send that waits.</summary>
    public void Answer()
    {
        IDelivery delivery;
        lock (_gate)
        {
            delivery = _unanswered.Dequeue();
        }

        delivery.Answered(Answers(delivery.Batch));
    }

    /// <summary>Ends the lease: all sends that wait are abandoned.</summary>
    public void Close()
    {
        List<IDelivery> abandoned;
        lock (_gate)
        {
            IsClosed = true;
            abandoned = [.. _unanswered];
            _unanswered.Clear();
        }

        abandoned.ForEach(static delivery => delivery.Abandoned());
    }

    private GatewayAnswer[] Answers(SignalBatch batch) => [.. batch.Signals.Select(signal => _wanted.TryGetValue(signal.Topic, out var number)
        ? new GatewayAnswer(Status, Connections, IsWanted: true, number)
        : new GatewayAnswer(Status, Connections, IsWanted: false, Number))];
}
