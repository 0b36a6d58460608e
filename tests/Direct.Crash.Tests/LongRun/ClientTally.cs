using System.Globalization;
using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.LongRun;

/// <summary>
/// Checks while it runs what one client of direct.2 receives: each accepted signal that matches it exactly once, or <c>gap</c> for its topic before anything
/// later. It remembers how far each stream has come, and no messages, except the last few as evidence.
/// </summary>
internal sealed class ClientTally(Tally tally, long user, IReadOnlyList<(long Group, long Channel)> rooms) : IResumeRecord
{
    private const int Evidence = 40;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Progress> _streams = [];
    private readonly Dictionary<string, Topic> _topics = [];
    private readonly Queue<string> _last = new();
    private int _lives;

    public long User => user;

    public IReadOnlyList<(long Group, long Channel)> Rooms => rooms;

    /// <summary>Gets whether the client was live in all its topics once. From then on it must receive every signal that matches it.</summary>
    public bool IsReady => Volatile.Read(ref _lives) > 0;

    public void AddLive()
    {
        if (Interlocked.Increment(ref _lives) > 1)
        {
            tally.Resumed();
        }
    }

    public void AddEnd(string why)
    {
        lock (_gate)
        {
            Note($"its connection ended: {why}");
        }

        tally.AddEnd(why);
    }

    public void AddGap(string part, string position, int connection)
    {
        lock (_gate)
        {
            Note(FormattableString.Invariant($"gap of {part} {position} on connection {connection}"));
            TopicOf(part).Gaps++;
            tally.AddGap($"user {user}: gap of {part} {position} on connection {connection}; before: {string.Join("; ", _last)}");
        }
    }

    public void AddMessage(string part, string position, SignalKey key, int connection, bool isReplay)
    {
        lock (_gate)
        {
            Note(FormattableString.Invariant($"{key} of {part} {position} on connection {connection}{(isReplay ? ", replayed" : "")}"));
            tally.Received(isReplay);
            if (tally.Find(key) is not { } stream || stream.TopicPart != part || !Matches(stream.Aim))
            {
                Violated($"received what is not addressed to it: {key}");
                return;
            }

            if (TryAdvance(stream, key))
            {
                CheckOrder(part, position, key);
            }
        }
    }

    /// <summary>Gets the number of deliveries that are missing, but for which there was a <c>gap</c>.</summary>
    public int MissedInGaps
    {
        get
        {
            lock (_gate)
            {
                return _streams.Values.Sum(static progress => progress.Missed.Count);
            }
        }
    }

    /// <summary>Returns what was accepted and has not been received, without a <c>gap</c> to account for it. All publishers must have ended.</summary>
    public IReadOnlyList<string> Outstanding()
    {
        lock (_gate)
        {
            return [.. tally.Streams.Where(stream => Matches(stream.Value.Aim)).SelectMany(stream => Outstanding(stream.Key, stream.Value))];
        }
    }

    private IEnumerable<string> Outstanding(int number, StreamTally stream)
    {
        var progress = _streams.GetValueOrDefault(number) ?? new Progress();
        var last = TopicOf(stream.TopicPart).Gaps > progress.Gaps ? progress.Next - 1 : stream.Sent;
        return progress.Late.Concat(Enumerable.Range(progress.Next, last + 1 - progress.Next).Where(stream.IsAccepted)).Select(missing => $"user {user} lost {stream.Describe(missing)}; before: {string.Join("; ", _last)}");
    }

    // Returns false for a message that must not come any more, or need not be in the order of the others.
    private bool TryAdvance(StreamTally stream, SignalKey key)
    {
        if (!_streams.TryGetValue(key.Stream, out var progress))
        {
            _streams.Add(key.Stream, progress = new Progress());
        }

        var gaps = TopicOf(stream.TopicPart).Gaps;
        if (key.Number < progress.Next)
        {
            if (progress.GivenUp.Remove(key.Number) || progress.Missed.Remove(key.Number))
            {
                return true;
            }

            if (progress.Late.Remove(key.Number))
            {
                tally.CameLate();
                return true;
            }

            if (key.Number < progress.BeforeGap || gaps > progress.Gaps)
            {
                tally.CameAgain();
            }
            else
            {
                Violated($"received twice or too late: {stream.Describe(key.Number)}");
            }

            return false;
        }

        for (var missing = progress.Next; missing < key.Number; missing++)
        {
            if (!stream.IsAccepted(missing))
            {
                progress.GivenUp.Add(missing); // may have been delivered nevertheless, and may still come
            }
            else if (gaps > progress.Gaps)
            {
                progress.Missed.Add(missing);
            }
            else
            {
                progress.Late.Add(missing);
            }
        }

        if (gaps > progress.Gaps)
        {
            (progress.Gaps, progress.BeforeGap) = (gaps, progress.Next);
        }

        progress.Next = key.Number + 1;
        return true;
    }

    private void CheckOrder(string part, string position, SignalKey key)
    {
        if (position.Split('.') is not [var epoch, var number])
        {
            return; // it is not kept
        }

        var (topic, offset) = (TopicOf(part), long.Parse(number, CultureInfo.InvariantCulture));
        if (!tally.Order(epoch).IsAt(offset, key) || (topic.Epoch == epoch && offset <= topic.Offset))
        {
            Violated($"received {key} in another order than others, at {position}");
        }

        (topic.Epoch, topic.Offset) = (epoch, offset);
    }

    private bool Matches(Aim aim) => (aim.User == 0 || aim.User == user) && rooms.Any(room => aim.MatchesPlace(room.Group, room.Channel));

    private Topic TopicOf(string part)
    {
        if (!_topics.TryGetValue(part, out var topic))
        {
            _topics.Add(part, topic = new Topic());
        }

        return topic;
    }

    private void Note(string what)
    {
        if (_last.Count == Evidence)
        {
            _last.Dequeue();
        }

        _last.Enqueue(what);
    }

    private void Violated(string what) => tally.AddViolation($"user {user} {what}; before: {string.Join("; ", _last)}");

    private sealed class Topic
    {
        public int Gaps { get; set; }

        /// <summary>Gets or sets the epoch of the last message.</summary>
        public string Epoch { get; set; } = "";

        /// <summary>Gets or sets the offset of the last message.</summary>
        public long Offset { get; set; }
    }

    private sealed class Progress
    {
        /// <summary>Gets or sets the lowest number that has not been received or accounted for.</summary>
        public int Next { get; set; } = 1;

        /// <summary>Gets or sets the number of gaps of the topic when the last message came that was not an earlier one.</summary>
        public int Gaps { get; set; }

        /// <summary>Gets or sets the <see cref="Next"/> of the last gap: messages before it may come again.</summary>
        public int BeforeGap { get; set; }

        /// <summary>Gets the signals that a gap accounts for. They may still come.</summary>
        public HashSet<int> Missed { get; } = [];

        /// <summary>Gets the signals that have not come although a later one of the publisher has.</summary>
        public HashSet<int> Late { get; } = [];

        /// <summary>Gets the signals that were never accepted and have not come.</summary>
        public HashSet<int> GivenUp { get; } = [];
    }
}
