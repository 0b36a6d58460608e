using System.Collections.Concurrent;
using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.LongRun;

/// <summary>Represents what a long run counts. It remembers a few bytes of each signal, and none of a delivery.</summary>
internal sealed class Tally : ISignalHistory
{
    // So many gaps and violations are described, the others only counted.
    private const int Detailed = 500;

    private readonly ConcurrentDictionary<int, StreamTally> _streams = new();
    private readonly ConcurrentDictionary<string, TopicOrder> _orders = new();
    private readonly ConcurrentDictionary<string, long> _confirmedAt = new();
    private int _lastStream;
    private long _sent;
    private long _accepted;
    private long _received;
    private long _replayed;
    private long _resumes;
    private long _again;
    private long _late;

    /// <summary>Gets or sets the failure that clients live through, or have lived through last.</summary>
    public string Failure { get; set; } = "none";

    public long Sent => Interlocked.Read(ref _sent);

    public long Accepted => Interlocked.Read(ref _accepted);

    public long DeliveriesReceived => Interlocked.Read(ref _received);

    public long Replayed => Interlocked.Read(ref _replayed);

    public long Resumes => Interlocked.Read(ref _resumes);

    /// <summary>Gets the number of deliveries that came again after a <c>gap</c>, as they may.</summary>
    public long AgainAfterGaps => Interlocked.Read(ref _again);

    /// <summary>
    /// Gets the number of deliveries that came after a later one of their publisher. Publishers go to another gateway when one does not answer in time, and what the first
    /// one publishes again after the end of a silo may come after that.
    /// </summary>
    public long Late => Interlocked.Read(ref _late);

    public IReadOnlyDictionary<int, StreamTally> Streams => _streams;

    /// <summary>Gets each <c>gap</c>, with the failure before it.</summary>
    public ConcurrentQueue<(string Failure, string What)> Gaps { get; } = new();

    /// <summary>Gets what must not be, with the failure before it.</summary>
    public ConcurrentQueue<(string Failure, string What)> Violations { get; } = new();

    public int AddStream(Aim aim)
    {
        var number = Interlocked.Increment(ref _lastStream);
        _streams[number] = new StreamTally(aim);
        return number;
    }

    public SignalRecord Add(SignalRecord signal)
    {
        Interlocked.Increment(ref _sent);
        _streams[signal.Key.Stream].Add(signal);
        return signal;
    }

    public void Conclude(SignalRecord signal)
    {
        if (signal.Accepted is not null)
        {
            Interlocked.Increment(ref _accepted);
            _streams[signal.Key.Stream].Accept(signal.Key.Number);
        }

        if (signal.Attempts.Find(static attempt => attempt.Status == 200) is { } confirmed)
        {
            _confirmedAt[_streams[signal.Key.Stream].TopicPart] = confirmed.SentAt;
        }
    }

    /// <summary>Returns the topics of which no signal that was sent after a time has been confirmed by all gateways.</summary>
    public IReadOnlyList<string> NotConfirmedSince(long time) =>
        [.. _streams.Values.Select(static stream => stream.TopicPart).Distinct().Where(part => _confirmedAt.GetValueOrDefault(part, long.MinValue) <= time)];

    public StreamTally? Find(SignalKey key) => _streams.TryGetValue(key.Stream, out var stream) && key.Number <= stream.Sent ? stream : null;

    /// <summary>Returns the order of an epoch. Its random id makes it that of one topic.</summary>
    public TopicOrder Order(string epoch) => _orders.GetOrAdd(epoch, static _ => new TopicOrder());

    public void Received(bool isReplay)
    {
        Interlocked.Increment(ref _received);
        if (isReplay)
        {
            Interlocked.Increment(ref _replayed);
        }
    }

    public void Resumed() => Interlocked.Increment(ref _resumes);

    public void CameAgain() => Interlocked.Increment(ref _again);

    public void CameLate() => Interlocked.Increment(ref _late);

    /// <summary>Gets how often connections of clients ended, by the reason.</summary>
    public ConcurrentDictionary<string, int> Ends { get; } = new();

    // An error ends the connection too, because a client that stayed would be told of a gap in the topic of its user. It begins with the reference and the code.
    public void AddEnd(string why) =>
        Ends.AddOrUpdate(why.Split(' ') is ["error", _, var code, ..] ? $"error {code}" : why, 1, static (_, count) => count + 1);

    public void AddGap(string what) => Gaps.Enqueue((Failure, Gaps.Count < Detailed ? what : ""));

    public void AddViolation(string what) => Violations.Enqueue((Failure, Violations.Count < Detailed ? what : ""));
}
