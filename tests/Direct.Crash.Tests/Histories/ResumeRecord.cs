using System.Collections.Concurrent;

namespace Direct.Crash.Tests.Histories;

/// <summary>Represents a message or a <c>gap</c> that a client of direct.2 received.</summary>
/// <param name="Part">The topic.</param>
/// <param name="Position">The position in the topic.</param>
/// <param name="Key">The message; null for a <c>gap</c>.</param>
/// <param name="Connection">The number of the connection of the client, from 1.</param>
/// <param name="IsReplay">Whether the message came before the <c>at</c> of its topic, because the client had missed it.</param>
internal readonly record struct ResumeEvent(string Part, string Position, SignalKey? Key, int Connection, bool IsReplay)
{
    public bool IsGap => Key is null;

    public override string ToString() => FormattableString.Invariant($"{(IsGap ? "gap" : Key)} of {Part} {Position} on connection {Connection}{(IsReplay ? ", replayed" : "")}");
}

/// <summary>Records what one client of direct.2 received over all its connections.</summary>
internal sealed class ResumeRecord(long user, IReadOnlyList<(long Group, long Channel)> rooms) : IResumeRecord
{
    public long User => user;

    public IReadOnlyList<(long Group, long Channel)> Rooms => rooms;

    /// <summary>Gets or sets when the client was live in all its topics for the first time: from then on it must receive everything that matches.</summary>
    public long ReadyAt { get; set; } = Clock.Never;

    /// <summary>Gets what was received, in order.</summary>
    public ConcurrentQueue<ResumeEvent> Events { get; } = new();

    /// <summary>Gets the reasons why connections ended, in order.</summary>
    public ConcurrentQueue<string> Ends { get; } = new();

    /// <summary>Gets or sets the number of connections that became live again after an earlier one had ended.</summary>
    public int Resumes { get; set; }

    public void AddLive()
    {
        Resumes += ReadyAt == Clock.Never ? 0 : 1;
        ReadyAt = Math.Min(ReadyAt, Clock.Now);
    }

    public void AddEnd(string why) => Ends.Enqueue(why);

    public void AddGap(string part, string position, int connection) => Events.Enqueue(new ResumeEvent(part, position, null, connection, IsReplay: false));

    public void AddMessage(string part, string position, SignalKey key, int connection, bool isReplay) =>
        Events.Enqueue(new ResumeEvent(part, position, key, connection, isReplay));

    public bool Matches(Aim aim) => (aim.User == 0 || aim.User == user) && rooms.Any(room => aim.MatchesPlace(room.Group, room.Channel));
}
