namespace Direct.Cluster.Tests.Rights;

/// <summary>Represents a message that was published to the room. Times are those of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
/// <param name="Text">The text, which no other message has.</param>
/// <param name="BegunAt">The time before the call.</param>
/// <param name="AnsweredAt">The time after the answer, which was 200: by then every gateway has taken it.</param>
internal sealed record RaceMessage(string Text, long BegunAt, long AnsweredAt);
