namespace Direct.Stress.Measuring;

/// <summary>A histogram on its way from one process to another.</summary>
/// <param name="Buckets">Pairs of a bucket's index and its count, empty ones left out.</param>
internal sealed record HistogramCounts(long Sum, long Min, long Max, IReadOnlyList<long> Buckets);
