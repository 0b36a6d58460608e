namespace Direct.Stress.Runs;

/// <summary>A worker has opened what it could.</summary>
/// <param name="Members">Connections that are joined, by room.</param>
internal sealed record ConnectedNote(long Succeeded, long Failed, IReadOnlyDictionary<int, long> Members);
