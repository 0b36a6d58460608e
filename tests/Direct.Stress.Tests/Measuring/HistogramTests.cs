using Direct.Stress.Measuring;

namespace Direct.Stress.Tests.Measuring;

public sealed class HistogramTests
{
    private static readonly double[] Shares = [0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

    [Fact]
    public void Percentile_SmallValues_IsExact()
    {
        var histogram = Of(Enumerable.Range(1, 100).Select(static i => (long)i));

        Assert.Equal(
            [1, 50, 99, 100], [histogram.Percentile(0), histogram.Percentile(0.5), histogram.Percentile(0.99), histogram.Percentile(1)]);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    [InlineData(1_000_000_000_000)]
    public void Percentile_AnyValues_IsWithinAHundredthOfTheExactOne(long most)
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 50_000).Select(_ => (long)(most * Math.Pow(random.NextDouble(), 3))).ToList();
        var histogram = Of(values);

        values.Sort();
        foreach (var share in Shares)
        {
            var exact = values[Math.Max(0, (int)Math.Ceiling(share * values.Count) - 1)];
            Assert.InRange(histogram.Percentile(share), (exact * 0.99) - 1, (exact * 1.01) + 1);
        }

        Assert.Equal((values[0], values[^1], values.Sum()), (histogram.Min, histogram.Max, histogram.Sum));
    }

    [Fact]
    public void Add_BeyondTheLastBucket_KeepsTheMostExact()
    {
        var histogram = Of([1, long.MaxValue / 4]);

        Assert.Equal(long.MaxValue / 4, histogram.Percentile(1));
        Assert.Equal(2, histogram.Count);
    }

    [Fact]
    public void Add_OtherHistograms_IsWhatOneWouldHaveCounted()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 10_000).Select(_ => random.NextInt64(1L << random.Next(1, 40))).ToList();
        var one = Of(values);
        var merged = new Histogram();

        foreach (var part in values.Chunk(3_000))
        {
            merged.Add(Histogram.From(Of(part).ToCounts()));
        }

        Assert.Equal(one.ToCounts().Buckets, merged.ToCounts().Buckets);
        Assert.Equal((one.Count, one.Sum, one.Min, one.Max), (merged.Count, merged.Sum, merged.Min, merged.Max));
        Assert.All(Shares, share => Assert.Equal(one.Percentile(share), merged.Percentile(share)));
    }

    private static Histogram Of(IEnumerable<long> values)
    {
        var histogram = new Histogram();
        foreach (var value in values)
        {
            histogram.Add(value);
        }

        return histogram;
    }
}
