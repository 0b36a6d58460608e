namespace Direct.Stress.Runs;

/// <summary>A worker sends nothing more.</summary>
internal sealed record SentMessage(IReadOnlyDictionary<int, long> SentByRoom);
