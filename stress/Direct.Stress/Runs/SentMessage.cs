namespace Direct.Stress.Runs;

/// <summary>Reports that a worker has sent everything.</summary>
internal sealed record SentMessage(IReadOnlyDictionary<int, long> SentByRoom);
