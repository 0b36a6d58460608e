namespace Direct.Stress.Runs;

/// <summary>Reports that a worker has sent everything.</summary>
/// <param name="Sent">What its senders have sent; null in the original dialect.</param>
internal sealed record SentMessage(IReadOnlyDictionary<int, long> SentByRoom, IReadOnlyList<SentNumbers>? Sent);
