using Direct.Keeping;

namespace Direct.Hosting.Tests.Keeping;

public sealed class TopicRingTests
{
    [Fact]
    public void Evict_Everything_LeavesTheHead()
    {
        var ring = new TopicRing();
        var (first, second) = (new KeptEntry([1], default), new KeptEntry([2], (7, 1)));
        ring.Append(first);
        ring.Append(second);

        var bytes = ring.EvictThrough(ring.Head);

        Assert.Equal(TopicRing.BytesOf(first) + TopicRing.BytesOf(second), bytes);
        Assert.Equal((2, 0, 2, 0), (ring.Head, ring.Count, ring.Floor, ring.Bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => ring[2]);
        Assert.Equal(3, ring.Append(new KeptEntry([3], default)));
    }

    [Fact]
    public void Model_RandomSteps_HoldsWhatAListHolds()
    {
        for (var seed = 1; seed <= 1000; seed++)
        {
            var random = new Random(seed);
            var ring = new TopicRing();
            var list = new List<KeptEntry>(); // all entries ever, by offset
            var floor = 0;
            for (var step = 0; step < 200; step++)
            {
                var bytes = ring.Bytes;
                switch (random.Next(14))
                {
                    case 2 when floor > 0:
                        list[--floor] = new KeptEntry(new byte[random.Next(50)], random.Next(4) == 0 ? (random.Next(), random.Next()) : default);
                        ring.Prepend(list[floor]);
                        break;
                    case 3 when list.Count > floor:
                        var refused = random.Next(floor, list.Count);
                        list[refused] = KeptEntry.Void;
                        Assert.Equal(bytes - Bytes(list.Skip(floor)), ring.Void(refused + 1));
                        Assert.True(ring[refused + 1].IsVoid);
                        break;
                    case 4:
                        var head = Math.Max(0, list.Count - random.Next(4));
                        list.RemoveRange(head, list.Count - head);
                        floor = Math.Min(floor, head);
                        Assert.Equal(bytes - Bytes(list.Skip(floor)), ring.CutAt(head));
                        break;
                    case 5 when random.Next(10) == 0:
                        floor = list.Count;
                        Assert.Equal(bytes, ring.Restart(floor));
                        break;
                    case 0:
                        var through = random.Next(list.Count + 2);
                        Assert.Equal(bytes - Bytes(list.Skip(floor = Math.Max(floor, Math.Min(through, list.Count)))), ring.EvictThrough(through));
                        break;
                    case 1:
                        var most = random.Next(2_000);
                        while (Bytes(list.Skip(floor)) > most)
                        {
                            floor++;
                        }

                        Assert.Equal(bytes - Bytes(list.Skip(floor)), ring.EvictAbove(most));
                        break;
                    default:
                        list.Add(new KeptEntry(new byte[random.Next(50)], random.Next(4) == 0 ? (random.Next(), random.Next()) : default));
                        Assert.Equal(list.Count, ring.Append(list[^1]));
                        break;
                }

                Assert.Equal((list.Count, floor, list.Count - floor), (ring.Head, ring.Floor, ring.Count));
                Assert.Equal(list.Skip(floor), Enumerable.Range(floor + 1, list.Count - floor).Select(offset => ring[offset]));
            }
        }
    }

    [Fact]
    public void Receivers_OfAnEntry_StayWithIt()
    {
        var ring = new TopicRing();
        Enumerable.Range(1, 3).ToList().ForEach(_ => ring.Append(new KeptEntry([1], default)));

        ring.SetReceivers(2, 7);
        Enumerable.Range(4, 9).ToList().ForEach(_ => ring.Append(new KeptEntry([1], default)));

        Assert.Equal([0, 7, 0], new long[] { 1, 2, 3 }.Select(ring.ReceiversOf));
        ring.EvictThrough(2);
        ring.SetReceivers(2, 7); // has no place any more
        Assert.Equal(0, ring.ReceiversOf(2));
        ring.CutAt(11);
        ring.SetReceivers(11, 5);
        ring.CutAt(10);
        ring.Append(new KeptEntry([1], default));
        Assert.Equal(0, ring.ReceiversOf(11));
    }

    /// <summary>Tests what a kept message takes besides its text in a cluster: with the ticket of the budget, its id, and the number of its receivers.</summary>
    [Fact]
    public void Memory_OfAnEntryWithAnId_IsLittleBesidesItsPayload()
    {
        const int Entries = 50_000, PayloadBytes = 200;
        var (ring, ledger) = (new TopicRing(), new IdentityLedger(TimeProvider.System));
        var budget = new KeepBudget(long.MaxValue, TimeSpan.FromMinutes(2), new FakeMemoryWatch(), TimeProvider.System);
        var (topic, publisher) = (new Forgetful(), Guid.NewGuid());
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 1; i <= Entries; i++)
        {
            var entry = new KeptEntry(new byte[PayloadBytes], default);
            budget.Add(topic, ring.Append(entry), TopicRing.BytesOf(entry));
            ring.SetReceivers(i, 1);
            ledger.Add(new Origin(publisher, i, Guid.NewGuid()), i);
            ledger.Acknowledge(publisher, i - 10);
        }

        var perEntry = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Entries - PayloadBytes;
        TestContext.Current.SendDiagnosticMessage($"{perEntry:0} bytes an entry with an id");
        Assert.InRange(perEntry, 40, 150);
        GC.KeepAlive(ring);
        GC.KeepAlive(ledger);
        GC.KeepAlive(budget);
    }

    /// <summary>Tests what a kept message takes besides its text, with the ticket of the budget.</summary>
    [Theory]
    [InlineData(false, 110)]
    [InlineData(true, 150)]
    public void Memory_OfAnEntry_IsLittleBesidesItsPayload(bool hasRoom, int most)
    {
        const int Entries = 50_000, PayloadBytes = 200;
        var ring = new TopicRing();
        var budget = new KeepBudget(long.MaxValue, TimeSpan.FromMinutes(2), new FakeMemoryWatch(), TimeProvider.System);
        var topic = new Forgetful();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < Entries; i++)
        {
            var entry = new KeptEntry(new byte[PayloadBytes], hasRoom ? (7, 1) : default);
            budget.Add(topic, ring.Append(entry), TopicRing.BytesOf(entry));
        }

        var perEntry = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Entries - PayloadBytes;
        TestContext.Current.SendDiagnosticMessage($"{perEntry:0} bytes an entry");
        Assert.InRange(perEntry, 40, most);
        GC.KeepAlive(ring);
        GC.KeepAlive(budget);
    }

    private static long Bytes(IEnumerable<KeptEntry> entries) => entries.Sum(entry => (long)TopicRing.BytesOf(entry));

    private sealed class Forgetful : IKeptTopic
    {
        public void Evict(long ticket)
        {
        }

        public void EndWindow(long window)
        {
        }
    }
}
