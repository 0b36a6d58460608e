namespace Direct.Stress.Runs;

/// <summary>Reports that a worker has opened its connections.</summary>
/// <param name="Members">The number of joined connections, by room.</param>
internal sealed record ConnectedNote(long Succeeded, long Failed, IReadOnlyDictionary<int, long> Members);
