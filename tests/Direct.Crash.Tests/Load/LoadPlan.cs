using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Load;

/// <summary>How much goes on while something is made to fail.</summary>
internal sealed record LoadPlan
{
    /// <summary>Gets connections that join one place and stay; they come back when they are closed.</summary>
    public int StableClients { get; init; } = 60;

    /// <summary>More of them, who come one after another while publishers send.</summary>
    public int Latecomers { get; init; }

    /// <summary>Gets connections that join another place again and again.</summary>
    public int Hoppers { get; init; } = 10;

    /// <summary>Clients that connect, join, listen a moment and go.</summary>
    public int Visitors { get; init; } = 10;

    /// <summary>StableClients that also talk.</summary>
    public int Broadcasters { get; init; } = 8;

    /// <summary>Gets the pause of a publisher between two signals. A shorter one would take processor time from tests that run at the same time.</summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Gets how long a publisher waits for an answer before it takes the gateway for dead.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Gets how long a signal with an id is repeated.</summary>
    public TimeSpan RepeatFor { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Every place there is: nine rooms, two groups and two channels without the other, and the lobby.</summary>
    public static IReadOnlyList<(long Group, long Channel)> Rooms { get; } =
    [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (3, 3), (1, 0), (2, 0), (0, 1), (0, 2), (0, 0),
    ];

    /// <summary>Returns what each of the publishers aims at, and whether it names its signals by ids; the users come on top.</summary>
    public static IReadOnlyList<(Aim Aim, bool HasIds)> Aims { get; } =
    [
        (new Aim(1, 1, 0), false), (new Aim(1, 1, 0), true), (new Aim(1, 2, 0), false), (new Aim(2, 1, 0), true), (new Aim(2, 2, 0), false),
        (new Aim(3, 3, 0), true), (new Aim(3, 1, 0), false), (new Aim(1, 3, 0), false), (new Aim(2, 3, 0), true), (new Aim(3, 2, 0), false),
        (new Aim(1, 0, 0), false), (new Aim(2, 0, 0), true), (new Aim(3, 0, 0), false),
        (new Aim(0, 1, 0), false), (new Aim(0, 2, 0), true),
        (new Aim(0, 0, 0), false), (new Aim(0, 0, 0), true),
    ];

    /// <summary>Where those who stay are; each place is taken by one of every gateway's in turn.</summary>
    public IReadOnlyList<(long Group, long Channel)> Homes { get; init; } = Rooms;

    /// <summary>See <see cref="Aims"/>.</summary>
    public IReadOnlyList<(Aim Aim, bool HasIds)> Publishers { get; init; } = Aims;

    /// <summary>Gets how many users get signals of their own.</summary>
    public int Users { get; init; } = 8;
}
