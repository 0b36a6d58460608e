using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Load;

/// <summary>Specifies the load on the cluster while a fault is injected.</summary>
internal sealed record LoadPlan
{
    /// <summary>Gets the number of connections that join one room and stay; they reconnect when they are closed.</summary>
    public int StableClients { get; init; } = 60;

    /// <summary>Gets the number of further stable clients, which connect one after another while publishers send.</summary>
    public int Latecomers { get; init; }

    /// <summary>Gets the number of connections that join one room after another.</summary>
    public int Hoppers { get; init; } = 10;

    /// <summary>Gets the number of clients that connect, join, receive for a short time and leave.</summary>
    public int Visitors { get; init; } = 10;

    /// <summary>Gets the number of stable clients that also broadcast.</summary>
    public int Broadcasters { get; init; } = 8;

    /// <summary>Gets the pause of a publisher between two signals. A shorter one would take processor time from tests that run at the same time.</summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Gets how long a publisher waits for a response before it treats the gateway as failed.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Gets how long a signal with an id is repeated.</summary>
    public TimeSpan RepeatFor { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Gets all groups and channels that clients join: nine rooms, two groups and two channels alone, and the lobby.</summary>
    public static IReadOnlyList<(long Group, long Channel)> Rooms { get; } =
    [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (3, 3), (1, 0), (2, 0), (0, 1), (0, 2), (0, 0),
    ];

    /// <summary>Gets the target of each publisher, and whether its signals have ids. Publishers to single users are added to these.</summary>
    public static IReadOnlyList<(Aim Aim, bool HasIds)> Aims { get; } =
    [
        (new Aim(1, 1, 0), false), (new Aim(1, 1, 0), true), (new Aim(1, 2, 0), false), (new Aim(2, 1, 0), true), (new Aim(2, 2, 0), false),
        (new Aim(3, 3, 0), true), (new Aim(3, 1, 0), false), (new Aim(1, 3, 0), false), (new Aim(2, 3, 0), true), (new Aim(3, 2, 0), false),
        (new Aim(1, 0, 0), false), (new Aim(2, 0, 0), true), (new Aim(3, 0, 0), false),
        (new Aim(0, 1, 0), false), (new Aim(0, 2, 0), true),
        (new Aim(0, 0, 0), false), (new Aim(0, 0, 0), true),
    ];

    /// <summary>Gets the rooms of the stable clients. Each room is assigned to one client of every gateway before the next room is used.</summary>
    public IReadOnlyList<(long Group, long Channel)> Homes { get; init; } = Rooms;

    /// <summary>Gets the publishers of this plan, <see cref="Aims"/> by default.</summary>
    public IReadOnlyList<(Aim Aim, bool HasIds)> Publishers { get; init; } = Aims;

    /// <summary>Gets the number of users that have a publisher to them alone.</summary>
    public int Users { get; init; } = 8;
}
