namespace Direct.Stress.Measuring;

/// <summary>Represents a histogram that is sent from one process to another.</summary>
/// <param name="Buckets">Pairs of a bucket's index and its count, without empty buckets.</param>
internal sealed record HistogramCounts(long Sum, long Min, long Max, IReadOnlyList<long> Buckets);
