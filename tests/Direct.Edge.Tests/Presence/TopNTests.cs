using Direct.Edge.Presence;

namespace Direct.Edge.Tests.Presence;

public sealed class TopNTests
{
    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 1 }, { 1, 2 }, { 3, 3 }, { 3, 4 }, { 10, 9 }, { 10, 10 }, { 10, 11 }, { 10, 1_000 }, { 100, 5_000 },
    };

    /// <summary>Compares the result with a full count, with every key added up to five times. Keys that were trimmed must not be missing.</summary>
    [Theory]
    [MemberData(nameof(Sizes))]
    public void Take_AnyOrder_IsTheFirstOfAllWithTheirCounts(int limit, int keys)
    {
        var random = new Random((limit * 7919) + keys);
        long[] added = [.. Enumerable.Range(0, keys).SelectMany(key => Enumerable.Repeat((key - (keys / 2)) * 3L, random.Next(1, 6)))];
        random.Shuffle(added);
        var first = new TopN<long>(limit);

        Array.ForEach(added, first.Add);

        var expected = added.GroupBy(key => key, (key, all) => KeyValuePair.Create(key, all.Count())).OrderBy(pair => pair.Key).Take(limit);
        var (taken, hasMore) = first.Take();
        Assert.Equal(expected, taken);
        Assert.Equal(keys > limit, hasMore);
    }

    /// <summary>Tests ascending keys: the first trim leaves exactly the final keys, and later additions of these must still be counted.</summary>
    [Fact]
    public void Take_TwiceInRisingOrder_CountsEachTwice()
    {
        var first = new TopN<long>(10);

        for (var i = 0; i < 200; i++)
        {
            first.Add(i % 100);
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(key => KeyValuePair.Create((long)key, 2)), first.Take().First);
    }
}
