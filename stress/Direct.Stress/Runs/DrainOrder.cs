namespace Direct.Stress.Runs;

/// <summary>Contains what all workers together have sent, which is what each waits for.</summary>
internal sealed record DrainOrder(IReadOnlyDictionary<int, long> SentByRoom);
