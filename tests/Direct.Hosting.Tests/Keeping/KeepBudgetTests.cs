using Direct.Keeping;
using Direct.Memory;
using Direct.Testing.Time;

namespace Direct.Hosting.Tests.Keeping;

public sealed class KeepBudgetTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(2);

    private readonly ManualTimeProvider _clock = new();
    private readonly FakeMemoryWatch _memory = new();
    private readonly List<string> _events = [];

    [Fact]
    public void Trim_ByAge_EvictsWhatIsOld()
    {
        var budget = new KeepBudget(1_000_000, MaxAge, _memory, _clock);
        var topic = new Topic("a", budget, _events);
        topic.Add(budget, 1, 100);
        _clock.Advance(TimeSpan.FromMinutes(1));
        topic.Add(budget, 2, 100);

        _clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        budget.Trim(int.MaxValue);
        Assert.Empty(_events);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        budget.Trim(int.MaxValue);

        Assert.Equal(["a evicts 1"], _events);
        Assert.Equal(100 + KeepBudget.TicketBytes, budget.Bytes);
    }

    [Fact]
    public void Trim_ByBytes_EvictsTheOldestOfAllTopics()
    {
        var budget = new KeepBudget(250 + (2 * KeepBudget.TicketBytes), MaxAge, _memory, _clock);
        var (a, b) = (new Topic("a", budget, _events), new Topic("b", budget, _events));
        a.Add(budget, 1, 100);
        b.Add(budget, 1, 100);
        a.Add(budget, 2, 100);
        b.Add(budget, 2, 100);

        Assert.True(budget.IsExceeded);
        budget.Trim(int.MaxValue);

        Assert.Equal(["a evicts 1", "b evicts 1"], _events);
        Assert.False(budget.IsExceeded);
    }

    [Fact]
    public void Trim_WhileMemoryIsShort_LeavesHalf()
    {
        var budget = new KeepBudget(1000, MaxAge, _memory, _clock);
        var topic = new Topic("a", budget, _events);
        Enumerable.Range(1, 6).ToList().ForEach(offset => topic.Add(budget, offset, 100));

        budget.Trim(int.MaxValue);
        Assert.Empty(_events);
        _memory.Pressure = MemoryPressure.High;
        budget.Trim(int.MaxValue);

        Assert.Equal(2, _events.Count);
    }

    // A publisher, or the wheel, drops a bounded number at once.
    [Fact]
    public void Trim_OfMoreThanItsLimit_LeavesTheRestForTheNextCall()
    {
        var budget = new KeepBudget(1_000_000, MaxAge, _memory, _clock);
        var topic = new Topic("a", budget, _events);
        Enumerable.Range(1, 5).ToList().ForEach(offset => topic.Add(budget, offset, 100));
        _clock.Advance(MaxAge);

        Assert.Equal((true, 2), (budget.Trim(2), _events.Count));
        Assert.Equal((true, 4), (budget.Trim(2), _events.Count));
        Assert.Equal((false, 5), (budget.Trim(2), _events.Count));
    }

    // A window that is over its time ends by itself; one that is cut because of the bytes is the oldest.
    [Fact]
    public void Trim_OfWindows_EndsThemOnlyForTheirBytes()
    {
        var budget = new KeepBudget(250, MaxAge, _memory, _clock);
        var (a, b) = (new Topic("a", budget, _events), new Topic("b", budget, _events));
        budget.AddWindow(a, 3);
        _clock.Advance(MaxAge);
        budget.Trim(int.MaxValue);
        Assert.Empty(_events);
        budget.AddWindow(a, 4);
        b.Add(budget, 1, 100);

        budget.Count(200);
        budget.Trim(int.MaxValue);

        Assert.Equal(["a ends 4", "b evicts 1"], _events);
        Assert.Equal(200, budget.Bytes);
    }

    // Chunks of tickets are filled and emptied many times.
    [Fact]
    public void Trim_ManyTickets_KeepsTheirOrder()
    {
        var budget = new KeepBudget(long.MaxValue, MaxAge, _memory, _clock);
        var topic = new Topic("a", budget, _events);
        var random = new Random(1);
        var added = 0;
        for (var round = 0; round < 200; round++)
        {
            for (var i = random.Next(100); i > 0; i--)
            {
                topic.Add(budget, ++added, 1);
            }

            _clock.Advance(TimeSpan.FromSeconds(random.Next(5)));
            budget.Trim(int.MaxValue);
        }

        _clock.Advance(MaxAge);
        budget.Trim(int.MaxValue);

        Assert.Equal(Enumerable.Range(1, added).Select(offset => $"a evicts {offset}"), _events);
        Assert.Equal(0, budget.Bytes);
    }

    private sealed class Topic(string name, KeepBudget budget, List<string> events) : IKeptTopic
    {
        private readonly Dictionary<long, int> _bytes = [];

        public void Add(KeepBudget to, long offset, int bytes)
        {
            _bytes[offset] = bytes;
            to.Add(this, offset, bytes);
        }

        public void Evict(long ticket)
        {
            events.Add($"{name} evicts {ticket}");
            budget.Count(-_bytes[ticket]);
        }

        public void EndWindow(long window) => events.Add($"{name} ends {window}");
    }
}
