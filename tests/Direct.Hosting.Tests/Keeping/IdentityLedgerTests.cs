using Direct.Keeping;
using Direct.Testing.Time;

namespace Direct.Hosting.Tests.Keeping;

public sealed class IdentityLedgerTests
{
    private static readonly Guid P1 = Guid.NewGuid();
    private static readonly Guid P2 = Guid.NewGuid();

    private readonly ManualTimeProvider _clock = new();
    private readonly IdentityLedger _ledger;

    public IdentityLedgerTests() => _ledger = new IdentityLedger(_clock);

    [Fact]
    public void TryFind_ARepeat_HasTheFirstOffsetUntilItIsAcknowledged()
    {
        _ledger.Add(new Origin(P1, 6, default), 1);
        _ledger.Add(new Origin(P1, 7, default), 2);

        Assert.Equal(1, Find(P1, 6));
        Assert.Null(Find(P2, 6));
        _ledger.Acknowledge(P1, 6);
        Assert.Null(Find(P1, 6));
        Assert.Equal(2, Find(P1, 7));
    }

    [Fact]
    public void TryFind_AnIdThroughAnotherPublisher_HasTheFirstOffset()
    {
        var id = Guid.NewGuid();
        _ledger.Add(new Origin(P1, 6, id), 1);

        Assert.True(_ledger.TryFind(new Origin(P2, 1, id), out var offset));
        Assert.Equal(1, offset);
        _ledger.Acknowledge(P1, 6);
        Assert.True(_ledger.TryFind(new Origin(P2, 1, id), out _));
    }

    /// <summary>Tests what continues a log after its leader: a call that a publisher has given up must be recognised there too, although the message is forgotten.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void Add_HeadersOfAnotherLedger_KnowsWhatIsAcknowledged(int max)
    {
        foreach (var publisher in (Guid[])[P1, P2])
        {
            _ledger.Add(new Origin(publisher, 6, default), 1);
            _ledger.Add(new Origin(publisher, 7, default), 2);
            _ledger.Acknowledge(publisher, 6);
        }

        var next = new IdentityLedger(_clock);
        var moreAfter = 0L;
        do
        {
            _ledger.FirstHeaders(moreAfter, max, long.MaxValue, out moreAfter).ForEach(header => next.Add(header.Origin, header.Offset));
        }
        while (moreAfter > 0);

        Assert.All((Guid[])[P1, P2], publisher => Assert.Equal((true, false), (next.IsAcknowledged(publisher, 6), next.IsAcknowledged(publisher, 7))));
        Assert.Equal(_ledger.Headers(), next.Headers());
        Assert.Equal(_ledger.Bytes, next.Bytes);
    }

    /// <summary>Tests headers of two gateways, of which one does not know yet that a message is acknowledged. Then a repeat has its first place.</summary>
    [Fact]
    public void Add_AMessageThatIsAcknowledgedElsewhere_IsFound()
    {
        _ledger.Add(new Origin(P1, 6, default), IdentityLedger.NoOffset);
        _ledger.Add(new Origin(P1, 5, default), IdentityLedger.NoOffset);
        _ledger.Add(new Origin(P1, 6, default), 3);

        Assert.Equal(3, Find(P1, 6));
        Assert.True(_ledger.IsAcknowledged(P1, 6));
    }

    /// <summary>Tests pages of headers, in which each header must be exactly once: some messages have several, some have none any more.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void FirstHeaders_PageAfterPage_HasEachHeaderOnce(int max)
    {
        var ids = Enumerable.Range(0, 20).Select(static _ => Guid.NewGuid()).ToArray();
        for (var offset = 1; offset <= ids.Length; offset++)
        {
            _ledger.Add(new Origin(P1, offset, offset % 3 == 0 ? default : ids[offset - 1]), offset);
        }

        _ledger.Acknowledge(P1, 10);
        _ledger.Add(new Origin(P2, 1, ids[4]), 5);
        _ledger.Add(new Origin(P2, 2, ids[10]), 11);
        for (var offset = 1; offset <= 4; offset++)
        {
            _ledger.ForgetId(ids[offset - 1], offset);
        }

        var pages = new List<(long Offset, Origin Origin)>();
        var after = 0L;
        do
        {
            var page = _ledger.FirstHeaders(after, max, through: 18, out var moreAfter);
            if (after == 0)
            {
                Assert.Equal((IdentityLedger.NoOffset, new Origin(P1, 10, default)), page[0]);
                page.RemoveAt(0);
            }

            Assert.True(page.Count <= max || page.TrueForAll(header => header.Offset == page[0].Offset));
            Assert.True(moreAfter == 0 || moreAfter > after);
            pages.AddRange(page);
            after = moreAfter;
        }
        while (after > 0);

        Assert.Equal(_ledger.Headers(through: 18), pages);
    }

    [Fact]
    public void Expire_IdsAndPublishers_ByTheirAges()
    {
        var id = Guid.NewGuid();
        _ledger.Add(new Origin(P1, 6, id), 1);
        _clock.Advance(TimeSpan.FromMinutes(5));
        _ledger.Expire(TimeSpan.FromMinutes(5));
        Assert.Equal(1, FindId(id));

        _clock.Advance(TimeSpan.FromSeconds(1));
        _ledger.Expire(TimeSpan.FromMinutes(5));
        Assert.Null(FindId(id));
        Assert.Equal(1, Find(P1, 6));

        _clock.Advance(TimeSpan.FromMinutes(5));
        _ledger.Expire(TimeSpan.FromMinutes(5));
        Assert.Null(Find(P1, 6));
        Assert.Equal(0, _ledger.Bytes);
    }

    [Fact]
    public void Expire_AnIdThatWasKnownElsewhere_ByItsWholeAge()
    {
        var (id, newId) = (Guid.NewGuid(), Guid.NewGuid());
        _ledger.Add(new Origin(P1, 6, id), 1, idAge: 290);
        _ledger.Add(new Origin(P1, 7, newId), 2);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((300, 10, 0), (_ledger.AgeOf(id), _ledger.AgeOf(newId), _ledger.AgeOf(Guid.NewGuid())));
        _ledger.Expire(TimeSpan.FromMinutes(5));
        Assert.Equal(1, FindId(id));

        _clock.Advance(TimeSpan.FromSeconds(1));
        _ledger.Expire(TimeSpan.FromMinutes(5));

        Assert.Null(FindId(id));
        Assert.Equal(2, FindId(newId));
    }

    [Fact]
    public void ForgetId_OfARefusedSignal_LeavesItsSequence()
    {
        var id = Guid.NewGuid();
        _ledger.Add(new Origin(P1, 6, id), 1);

        _ledger.ForgetId(id, 2); // of another delivery
        Assert.Equal(1, FindId(id));
        _ledger.ForgetId(id, 1);

        Assert.Null(FindId(id));
        Assert.Equal(1, Find(P1, 6));
    }

    [Fact]
    public void Headers_OfARange_JoinTheIdentitiesOfAMessage()
    {
        var (x, y) = (Guid.NewGuid(), Guid.NewGuid());
        _ledger.Add(new Origin(P1, 6, x), 1);
        _ledger.Add(new Origin(P1, 7, default), 2);
        _ledger.Add(new Origin(P2, 1, y), 3);
        _ledger.Add(new Origin(P2, 2, x), 1); // the id again, through another publisher
        _ledger.Acknowledge(P2, 1);

        Assert.Equal([(2L, new Origin(P1, 7, default)), (3L, new Origin(default, 0, y))], _ledger.Headers(after: 1));
        Assert.Equal([(1L, new Origin(P2, 2, x)), (1L, new Origin(P1, 6, default))], _ledger.Headers(through: 1));
    }

    [Fact]
    public void Model_RandomSteps_FindsWhatADictionaryFinds()
    {
        for (var seed = 1; seed <= 500; seed++)
        {
            var random = new Random(seed);
            var clock = new ManualTimeProvider();
            var ledger = new IdentityLedger(clock);
            var ids = new Dictionary<Guid, (long Offset, DateTimeOffset AddedAt)>();
            var sequences = new SortedDictionary<long, long>();
            var all = new List<Guid>();
            var (head, last) = (0L, 0L);
            for (var step = 0; step < 200; step++)
            {
                switch (random.Next(10))
                {
                    case 0:
                        var through = last - random.Next(5);
                        ledger.Acknowledge(P1, through);
                        sequences.Keys.Where(sequence => sequence <= through).ToList().ForEach(sequence => sequences.Remove(sequence));
                        break;
                    case 1:
                        clock.Advance(TimeSpan.FromSeconds(random.Next(60)));
                        ledger.Expire(TimeSpan.FromMinutes(1));
                        ids.Where(id => clock.GetUtcNow() - id.Value.AddedAt > TimeSpan.FromMinutes(1)).ToList().ForEach(id => ids.Remove(id.Key));
                        break;
                    case 2:
                        head = Math.Max(0, head - random.Next(4));
                        ledger.CutAt(head);
                        ids.Where(id => id.Value.Offset > head).ToList().ForEach(id => ids.Remove(id.Key));
                        sequences.Where(sequence => sequence.Value > head).ToList().ForEach(sequence => sequences.Remove(sequence.Key));
                        break;
                    case 3 when all.Count > 0:
                        var refused = all[random.Next(all.Count)];
                        ledger.ForgetId(refused, ids.GetValueOrDefault(refused).Offset);
                        ids.Remove(refused);
                        break;
                    default:
                        var hash = random.Next(2) == 0 ? Guid.Empty : NewGuid(random);
                        ledger.Add(new Origin(P1, ++last, hash), ++head);
                        sequences[last] = head;
                        if (hash != Guid.Empty)
                        {
                            all.Add(hash);
                            ids[hash] = (head, clock.GetUtcNow());
                        }

                        break;
                }

                Assert.Equal(ids.Count, ledger.Ids);
                Assert.All(all, id => Assert.Equal(ids.TryGetValue(id, out var known) ? known.Offset : null, FindId(ledger, id)));
                Assert.All(Enumerable.Range(1, (int)last), sequence =>
                    Assert.Equal(sequences.TryGetValue(sequence, out var offset) ? offset : null, Find(ledger, P1, sequence)));
                Assert.Equal(sequences.Values.Concat(ids.Values.Select(id => id.Offset)).Distinct().Order(), ledger.Headers().Select(header => header.Offset));
            }
        }
    }

    private static Guid NewGuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static long? Find(IdentityLedger ledger, Guid publisher, long sequence) =>
        ledger.TryFind(new Origin(publisher, sequence, default), out var offset) ? offset : null;

    private static long? FindId(IdentityLedger ledger, Guid id) => ledger.TryFind(new Origin(P2, 0, id), out var offset) ? offset : null;

    private long? Find(Guid publisher, long sequence) => Find(_ledger, publisher, sequence);

    private long? FindId(Guid id) => FindId(_ledger, id);
}
