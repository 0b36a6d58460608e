namespace Direct.Stress.Runs;

/// <summary>Contains what all workers together have sent, which is what each waits for.</summary>
/// <param name="Sent">What all senders have sent; null in the original dialect.</param>
internal sealed record DrainOrder(IReadOnlyDictionary<int, long> SentByRoom, IReadOnlyList<SentNumbers>? Sent);
