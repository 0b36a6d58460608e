using Direct.Edge.Connections;

namespace Direct.Edge.Tests.Connections;

public sealed class TokenBucketTests
{
    [Fact]
    public void TryTake_AtOnce_TakesTheBurstAndNoMore()
    {
        var bucket = new TokenBucket(ratePerSecond: 10, burst: 5, nowMs: 1000);

        var taken = Take(ref bucket, 20, nowMs: 1000);

        Assert.Equal(5, taken);
    }

    [Fact]
    public void TryTake_EmptyBucket_FillsAtItsRate()
    {
        var bucket = new TokenBucket(10, 5, 0);
        Take(ref bucket, 5, 0);

        Assert.Equal((0, 1, 0, 1), (Take(ref bucket, 9, 99), Take(ref bucket, 9, 100), Take(ref bucket, 9, 199), Take(ref bucket, 9, 200)));
    }

    [Fact]
    public void TryTake_ManySmallSteps_LosesNoFraction()
    {
        var bucket = new TokenBucket(3, 1, 0);
        var taken = Enumerable.Range(0, 10_000).Sum(ms => Take(ref bucket, 1, ms));

        Assert.InRange(taken, 30, 31);
    }

    [Fact]
    public void TryTake_RefusedOften_CostsNothing()
    {
        var bucket = new TokenBucket(10, 1, 0);
        Take(ref bucket, 1000, 0);

        Assert.Equal(1, Take(ref bucket, 1, 100));
    }

    [Fact]
    public void TryTake_RateOfZero_TakesAnyNumber()
    {
        var bucket = new TokenBucket(0, 1, 0);

        Assert.Equal(1000, Take(ref bucket, 1000, 0));
    }

    [Fact]
    public void TryTake_ClockBehind_GivesNothing()
    {
        var bucket = new TokenBucket(10, 5, 1000);
        Take(ref bucket, 5, 1000);

        Assert.Equal((0, 0), (Take(ref bucket, 1, 500), Take(ref bucket, 1, 1000)));
    }

    [Fact]
    public void TryTake_RandomTimes_NeverLetsMorePassThanRateAndBurst()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var (rate, burst) = (random.Next(1, 200), random.Next(1, 300));
            var bucket = new TokenBucket(rate, burst, 0);
            long now = 0, taken = 0;
            for (var step = 0; step < 5_000; step++)
            {
                now += random.Next(0, 30);
                taken += Take(ref bucket, random.Next(0, 5), now);

                Assert.True(taken <= burst + (now * rate / 1000.0) + 0.001, $"seed {seed}: {taken} of {rate}/s and {burst} after {now} ms");
            }
        }
    }

    private static int Take(ref TokenBucket bucket, int times, long nowMs)
    {
        var taken = 0;
        for (var i = 0; i < times; i++)
        {
            taken += bucket.TryTake(nowMs) ? 1 : 0;
        }

        return taken;
    }
}
