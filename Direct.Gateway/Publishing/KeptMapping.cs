using Direct.Edge.Keeping;
using Direct.Grains.Topics;
using Direct.Keeping;

namespace Direct.Gateway.Publishing;

/// <summary>Maps what is kept between the types of a node and the types on the wire.</summary>
internal static class KeptMapping
{
    /// <summary>Returns what a silo says of one signal of a batch.</summary>
    public static Stamping StampingOf(this SignalBatch batch, int index)
    {
        var stamp = batch.Stamps?[index].ToStamp() ?? Stamp.None;
        var signal = batch.Signals[index];
        var hash = stamp == Stamp.None || signal.SignalId is null
            ? Guid.Empty
            : Origin.HashOf(signal.SignalId, signal.Group, signal.Channel, signal.User, signal.Payload);
        return new Stamping(stamp, batch.Ballot?.ToLeader(), new Origin(batch.Publisher, signal.Sequence, hash), batch.AcknowledgedThrough, batch.EndedLogs);
    }

    public static LeaderBallot ToLeader(this Ballot ballot) => new(ballot.Number, ballot.Activation);

    public static Ballot? ToWire(this LeaderBallot? ballot) => ballot is { } leader ? new Ballot(leader.Number, leader.Activation) : null;

    public static LogPage ToPage(this KeptAnswer answer, TimeProvider timeProvider) => new()
    {
        Ballot = answer.Ballot?.ToLeader(),
        Table = answer.Marks.ToTable(timeProvider),
        Head = answer.Head,
        First = answer.First,
        Entries = Array.ConvertAll(answer.Recent, ToEntry),
        Headers = [.. answer.Headers.Select(static header => (header.Offset, header.Origin.ToOrigin(), header.IdAge))],
        EndedLogs = answer.EndedLogs,
    };

    public static LogPage ToPage(this TailPage page, TimeProvider timeProvider) => new()
    {
        Ballot = page.Ballot?.ToLeader(),
        Table = page.Marks.ToTable(timeProvider),
        Head = page.Head,
        First = page.First,
        Entries = Array.ConvertAll(page.Messages, ToEntry),
        IsEvicted = page.Status is TailStatus.Evicted,
        HasMore = page.HasMore,
    };

    private static LogEntry ToEntry(KeptMessage message) => new(message.Offset, message.Origin.ToOrigin(), message.ToEntry());
}
