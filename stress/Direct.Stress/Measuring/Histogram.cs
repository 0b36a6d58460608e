using System.Numerics;

namespace Direct.Stress.Measuring;

/// <summary>
/// Counts times in ticks, in buckets that are at most 1/128 of their value wide, so that the error of a percentile is below 0.8 %. Minimum, maximum
/// and sum are exact. The histograms of several processes can be added.
/// </summary>
internal sealed class Histogram
{
    private const int PrecisionBits = 7;
    private const int Linear = 1 << PrecisionBits;

    // 2^41 ns are over half an hour; longer times are counted there.
    private const int MaxExponent = 41;

    private readonly long[] _buckets = new long[(MaxExponent - PrecisionBits + 2) * Linear];

    public long Count { get; private set; }

    public long Sum { get; private set; }

    public long Min { get; private set; } = long.MaxValue;

    public long Max { get; private set; }

    public double Average => Count == 0 ? 0 : (double)Sum / Count;

    public void Add(long value)
    {
        value = Math.Max(0, value);
        _buckets[Math.Min(IndexOf(value), _buckets.Length - 1)]++;
        Count++;
        Sum += value;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
    }

    /// <summary>Returns the value that the given share of all values (0 to 1) does not exceed; 0 if there is none.</summary>
    public long Percentile(double share)
    {
        if (Count == 0)
        {
            return 0;
        }

        var rank = Math.Clamp((long)Math.Ceiling(share * Count), 1, Count);
        long seen = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= rank)
            {
                return rank == Count ? Max : Math.Clamp(MiddleOf(i), Min, Max);
            }
        }

        return Max;
    }

    public void Add(Histogram other)
    {
        for (var i = 0; i < _buckets.Length; i++)
        {
            _buckets[i] += other._buckets[i];
        }

        Count += other.Count;
        Sum += other.Sum;
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
    }

    public HistogramCounts ToCounts() => new(
        Sum,
        Min,
        Max,
        [
            .. _buckets.Index()
                .Where(static bucket => bucket.Item != 0)
                .SelectMany(static bucket => new[] { (long)bucket.Index, bucket.Item }),
        ]);

    public static Histogram From(HistogramCounts counts)
    {
        var histogram = new Histogram { Sum = counts.Sum, Min = counts.Min, Max = counts.Max };
        for (var i = 0; i < counts.Buckets.Count; i += 2)
        {
            histogram._buckets[counts.Buckets[i]] = counts.Buckets[i + 1];
            histogram.Count += counts.Buckets[i + 1];
        }

        return histogram;
    }

    private static int IndexOf(long value)
    {
        if (value < Linear)
        {
            return (int)value;
        }

        var shift = BitOperations.Log2((ulong)value) - PrecisionBits;
        return ((shift + 1) << PrecisionBits) + (int)((value >> shift) - Linear);
    }

    private static long MiddleOf(int index)
    {
        if (index < Linear)
        {
            return index;
        }

        var shift = (index >> PrecisionBits) - 1;
        return ((long)((index & (Linear - 1)) + Linear) << shift) + (1L << shift >> 1);
    }
}
