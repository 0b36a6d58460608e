using Direct.Edge.Keeping;
using Direct.Keeping;

namespace Direct.Edge.Tests.Resuming;

/// <summary>
/// Represents a keeper, the leaders of its log one after the other, and what goes wrong between them: answers that are lost, late or of a leader that has been
/// replaced, recoveries that leave the keeper out, messages that come twice, and messages without a place. Everything follows from a seed.
/// </summary>
internal sealed class KeeperWorld : IDisposable
{
    private const int Steps = 120;

    private readonly FollowedFixture _keeper = new();
    private readonly SeededContext _context;
    private readonly Random _random;
    private readonly Dictionary<long, List<string>> _logs = []; // of each epoch, whole; those of ended epochs have what was lost too
    private readonly Queue<(Stamp Stamp, string Text, LeaderBallot Ballot)> _link = new();
    private readonly Queue<string> _lost = new(); // their publishers repeat them
    private readonly HashSet<string> _sent = []; // to the original dialect
    private readonly List<LogPage> _late = [];
    private readonly List<LogPage> _lateOpenings = [];
    private readonly List<Stamp> _positions = [];
    private EpochTable _table = EpochTable.Empty;
    private LeaderBallot _ballot;
    private int _messages;
    private int _epochs;
    private int _reopens;
    private bool _isQuiet;

    public KeeperWorld(SeededContext context, Random random)
    {
        (_context, _random) = (context, random);
        _keeper.Leader.OnFetch = (topic, range) => Task.FromResult(Answers && topic.Extend(MaybeLate(Page(range), _late), range));
        Lead(head: 0);
        _keeper.Topic.Open(Page(new LogRange(0)));
        _keeper.Join();
    }

    public List<string> History { get; } = [];

    public int Gaps => _keeper.Received.Count(static text => text.StartsWith("gap", StringComparison.Ordinal));

    public int Messages => _keeper.Received.Length - Gaps;

    private List<string> Log => _logs[_table.Current];

    private bool Answers => _isQuiet || _random.Next(5) > 0;

    public void Run()
    {
        for (var step = 0; step < Steps; step++)
        {
            Step();
        }

        _isQuiet = true;
        Publish($"m{++_messages}"); // a keeper that was left out learns of that by a message
        for (var round = 0; round < 100 && !IsSettled; round++)
        {
            Republish();
            Deliver();
            Reopen();
            _keeper.Gateway.Clock.Advance(TimeSpan.FromMilliseconds(500));
            while (_context.TryRunOne())
            {
            }
        }

        Check();
    }

    public void Dispose() => _keeper.Dispose();

    private bool IsSettled => _link.Count == 0 && _lost.Count == 0 && _keeper.Topic.Head == new Stamp(_table.Current, Log.Count);

    private void Step()
    {
        switch (_random.Next(20))
        {
            case < 6:
                Publish($"m{++_messages}");
                break;
            case < 11:
                Deliver();
                break;
            case < 14:
                _context.TryRunOne();
                break;
            case < 16:
                Reopen();
                break;
            case 16:
                Republish();
                break;
            case 17:
                _keeper.Gateway.Clock.Advance(TimeSpan.FromMilliseconds(_random.Next(1500)));
                _positions.Add(_keeper.Topic.Head);
                break;
            case 18 when _random.Next(4) == 0:
                History.Add("unstamped");
                _keeper.Deliver(Stamp.None, $"u{++_messages}", new LeaderBallot(-1, default), sequence: 1_000_000 + _messages);
                break;
            case 19 when _random.Next(2) == 0:
                ChangeLeader();
                break;
            default:
                _late.Add(Page(new LogRange(_random.Next(Log.Count + 1))));
                _lateOpenings.Add(Opening());
                break;
        }
    }

    private void Publish(string text)
    {
        Log.Add(text);
        var stamp = new Stamp(_table.Current, Log.Count);
        _link.Enqueue((stamp, text, _ballot));
        History.Add($"publish {text} as {stamp.Epoch}.{stamp.Offset}");
    }

    private void Republish()
    {
        while (_lost.TryDequeue(out var text))
        {
            Publish(text);
        }
    }

    // The link repeats what is not acknowledged, and what it has not heard the acknowledgement of.
    private void Deliver()
    {
        while (_link.TryPeek(out var next) && (_isQuiet || _random.Next(3) > 0))
        {
            if (next.Stamp.Epoch != _table.Current && _isQuiet)
            {
                _link.Dequeue(); // a leader that has been replaced is gone by now
                continue;
            }

            var share = _sent.Add(next.Text) ? OriginalShare.Now : new OriginalShare(1);
            var sequence = long.Parse(next.Text[1..], System.Globalization.CultureInfo.InvariantCulture);
            var delivery = _keeper.Deliver(next.Stamp, next.Text, next.Ballot, share, sequence);
            History.Add($"deliver {next.Text} as {next.Stamp.Epoch}.{next.Stamp.Offset}: {(delivery.Visible is null ? "ok" : "hidden")}");
            if (delivery.Visible is not null)
            {
                return;
            }

            if (Answers)
            {
                _link.Dequeue();
            }
        }
    }

    private void Reopen()
    {
        var reopens = _keeper.Leader.Calls.Count(static call => call == "reopen");
        if (reopens > _reopens && Answers)
        {
            _reopens = reopens;
            var page = MaybeLate(Opening(), _lateOpenings);
            History.Add($"open at {page.Table.Current}.{page.Head}");
            _keeper.Topic.Open(page);
        }
    }

    private void ChangeLeader()
    {
        // A recovery that asks the keeper does not choose less than it has; its promise ends the link of the old leader.
        var mine = _keeper.Topic.Head;
        var isAsked = _random.Next(3) > 0 && mine.Epoch == _table.Current;
        var head = isAsked ? _random.Next((int)mine.Offset, Log.Count + 1) : _random.Next(Log.Count + 1);
        if (isAsked || _random.Next(2) == 0)
        {
            _link.Clear();
            _late.Clear();
            _lateOpenings.Clear();
        }

        foreach (var text in Log.Skip(head))
        {
            _lost.Enqueue(text);
        }

        Lead(head);
        History.Add($"{(isAsked ? "asked" : "left out")}: epoch {_table.Current} begins after {head}");
        if (isAsked)
        {
            _keeper.Topic.Install(_ballot, _table, head);
        }
        else
        {
            // What the keeper has not acknowledged is sent by nobody else.
            foreach (var (text, i) in Log.Select(static (text, i) => (text, i)))
            {
                if (_random.Next(2) == 0)
                {
                    _link.Enqueue((new Stamp(_table.Current, i + 1), text, _ballot));
                }
            }
        }
    }

    private void Lead(int head)
    {
        var log = _table.Current == 0 ? [] : Log.Take(head).ToList();
        _table = _table.CloseAt(head, 0).Open(++_epochs);
        _ballot = new LeaderBallot(_epochs, Guid.NewGuid());
        _logs[_epochs] = log;
    }

    private LogPage Page(LogRange range)
    {
        const int MostEntries = 3;
        var offsets = Enumerable.Range(1, Log.Count).Where(offset => offset > range.After && offset <= range.Through).ToList();
        var some = range.IsOlder ? offsets.TakeLast(MostEntries) : offsets.Take(MostEntries);
        return new LogPage
        {
            Ballot = _ballot,
            Table = _table,
            Head = Log.Count,
            First = 1,
            Entries = [.. some.Select(offset => FollowedFixture.Entry(offset, Log[offset - 1]) with { Origin = OriginOf(Log[offset - 1]) })],
            HasMore = offsets.Count > MostEntries,
        };
    }

    private static Origin OriginOf(string text) =>
        new(FollowedFixture.P, long.Parse(text[1..], System.Globalization.CultureInfo.InvariantCulture), Guid.Empty);

    // The last messages, up to the head.
    private LogPage Opening() => Page(new LogRange(Math.Max(0, Log.Count - _random.Next(4))));

    private LogPage MaybeLate(LogPage page, List<LogPage> late) => !_isQuiet && late.Count > 0 && _random.Next(4) == 0 ? late[_random.Next(late.Count)] : page;

    private void Check()
    {
        Assert.True(IsSettled, $"the keeper is at {_keeper.Topic.Head}, and the log at {_table.Current}.{Log.Count}");
        var next = 1L; // 0 is unknown
        var sinceGap = new List<(long Offset, string Text)>();
        foreach (var words in _keeper.Received.Select(static text => text.Split(' ')))
        {
            var offset = long.Parse(words[words[0] == "gap" ? 1 : 0].Split('.')[^1], System.Globalization.CultureInfo.InvariantCulture);
            if (words[0] == "gap")
            {
                next = words[1] == "0" ? 0 : offset + 1;
                sinceGap.Clear();
            }
            else if (words[0] != "0")
            {
                Assert.True(next == 0 || next == offset, $"message {offset} came where {next} was next: {string.Join(", ", _keeper.Received)}");
                next = offset + 1;
                sinceGap.Add((offset, words[1]));
            }
        }

        Assert.True(next == Log.Count + 1, $"the member is before {next}, and the log at {Log.Count}: {string.Join(", ", _keeper.Received)}");
        Assert.All(sinceGap, entry => Assert.Equal(Log[(int)entry.Offset - 1], entry.Text));
        Assert.Equal(_keeper.Original.Texts.Distinct(), _keeper.Original.Texts);
        foreach (var position in _positions.Where(position => position != Stamp.None && _keeper.Topic.Check(position) is PositionStatus.Covered))
        {
            Assert.Equal(_logs[position.Epoch].Take((int)position.Offset), Log.Take((int)position.Offset));
            if (_keeper.Replay(position) is var replay && replay is not ["gap"])
            {
                Assert.Equal(Log.Skip((int)position.Offset), replay.Select(static text => text.Split(' ')[1]));
            }
        }
    }
}
