namespace Direct.Stress.Runs;

/// <summary>What all workers together have sent: what each waits for.</summary>
internal sealed record DrainOrder(IReadOnlyDictionary<int, long> SentByRoom);
