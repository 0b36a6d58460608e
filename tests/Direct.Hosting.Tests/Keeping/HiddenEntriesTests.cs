using Direct.Keeping;

namespace Direct.Hosting.Tests.Keeping;

public sealed class HiddenEntriesTests
{
    private readonly HiddenEntries _hidden = new(maxBytes: 2 * HiddenEntries.BytesOf(Entry(100)));

    [Fact]
    public void TryTake_AnyOrder_FindsEachOnce()
    {
        var origin = new Origin(Guid.NewGuid(), 4, default);
        Assert.True(_hidden.TryAdd(new Stamp(1, 9), Entry(1), origin));
        Assert.True(_hidden.TryAdd(new Stamp(1, 8), Entry(2), default));

        Assert.False(_hidden.TryTake(7, out _));
        Assert.True(_hidden.TryTake(9, out var hidden));
        Assert.Equal((new Stamp(1, 9), origin), (hidden.Stamp, hidden.Origin));
        Assert.False(_hidden.TryTake(9, out _));
        Assert.Equal(HiddenEntries.BytesOf(Entry(2)), _hidden.Bytes);
    }

    [Fact]
    public void TryAdd_Full_FailsUntilSomethingIsTaken()
    {
        Assert.True(_hidden.TryAdd(new Stamp(1, 8), Entry(100), default));
        Assert.True(_hidden.TryAdd(new Stamp(1, 9), Entry(100), default));
        Assert.True(_hidden.TryAdd(new Stamp(1, 9), Entry(100), default)); // a repeat replaces it

        Assert.False(_hidden.TryAdd(new Stamp(1, 10), Entry(1), default));
        Assert.True(_hidden.TryTake(8, out _));
        Assert.True(_hidden.TryAdd(new Stamp(1, 10), Entry(1), default));
    }

    private static KeptEntry Entry(int bytes) => new(new byte[bytes], default);
}
