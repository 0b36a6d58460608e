using System.Collections.Concurrent;
using Direct.Edge.Signals;

namespace Direct.Edge.Tests.Signals;

public sealed class GeneratedIdTests
{
    [Fact]
    public void Next_InManyThreads_IsEachTimeAnotherIdOf32HexadecimalDigits()
    {
        var ids = new ConcurrentDictionary<string, bool>();

        Parallel.For(0, 10_000, _ => Assert.True(ids.TryAdd(GeneratedId.Next(), true)));

        Assert.All(ids.Keys, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }
}
