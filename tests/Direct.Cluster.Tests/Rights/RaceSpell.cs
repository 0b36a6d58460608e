using System.Globalization;

namespace Direct.Cluster.Tests.Rights;

/// <summary>
/// Represents what happened to a user who had a right, lost it and got it back, with two connections: one that joined while the user had it, and another one that
/// was joining when it was taken. Times are those of <see cref="System.Diagnostics.Stopwatch"/>.
/// </summary>
internal sealed class RaceSpell
{
    public required string User { get; init; }

    /// <summary>Gets the connection that has joined; in force at <see cref="JoinedAt"/>.</summary>
    public required RoomMember Member { get; init; }

    /// <summary>Gets the connection that was joining.</summary>
    public required RoomMember Late { get; init; }

    public required long JoinedAt { get; init; }

    /// <summary>Gets or sets the time before the right was taken away.</summary>
    public long TakenAt { get; set; }

    /// <summary>Gets or sets the time after the recheck was answered 200.</summary>
    public long RecheckedAt { get; set; }

    /// <summary>Gets or sets the time before the right was given back.</summary>
    public long GivenAt { get; set; }

    /// <summary>Gets or sets whether the connection that was joining was refused, and not admitted and removed.</summary>
    public bool WasRefused { get; set; }

    /// <summary>Returns what was against the promise.</summary>
    public IEnumerable<string> Violations(IReadOnlyDictionary<string, RaceMessage> published)
    {
        foreach (var (name, connection) in (IEnumerable<(string, RoomMember)>)[("member", Member), ("late connection", Late)])
        {
            foreach (var text in connection.Messages)
            {
                if (published.TryGetValue(text, out var message) && message.BegunAt > RecheckedAt && message.AnsweredAt < GivenAt)
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"the {name} of {User} got {text}, published after the recheck");
                }
            }
        }

        if (Member.Refusals.Any(refusedAt => refusedAt > JoinedAt && refusedAt < TakenAt))
        {
            yield return $"the member of {User} was removed while it had the right";
        }
    }

    /// <summary>Returns the messages that the member has not got, and should have.</summary>
    public IEnumerable<string> Missing(IEnumerable<RaceMessage> published)
    {
        var got = Member.Messages.ToHashSet();
        return published.Where(message => message.BegunAt > JoinedAt && message.AnsweredAt < TakenAt && !got.Contains(message.Text)).Select(message => $"{message.Text} to {User}");
    }
}
