namespace Direct.Stress.Runs;

/// <summary>A worker sends nothing more.</summary>
internal sealed record SentNote(IReadOnlyDictionary<int, long> SentByRoom);
