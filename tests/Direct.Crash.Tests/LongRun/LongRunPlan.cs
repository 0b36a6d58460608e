using System.Globalization;
using Direct.Crash.Tests.Clusters;
using Direct.Crash.Tests.Histories;
using Direct.Crash.Tests.Load;

namespace Direct.Crash.Tests.LongRun;

/// <summary>Specifies a long run: how long it is, its failures, its clients and its publishers.</summary>
internal static class LongRunPlan
{
    public const string Variable = "DIRECT_LONG_RUN";

    private const int Groups = 9;
    private const int Channels = 5;

    /// <summary>Gets the accepted signals, the failures and the seed, separated by commas in <see cref="Variable"/>; null when no long run was asked for.</summary>
    public static (long Signals, int Failures, int Seed)? Wanted { get; } = Read(Environment.GetEnvironmentVariable(Variable));

    public static int Clients => 90;

    /// <summary>Gets a room, of which each has four clients.</summary>
    private static (long Group, long Channel) Room(int number) => (1 + number % Groups, 1 + number / Groups % Channels);

    public static IReadOnlyList<(long Group, long Channel)> RoomsOf(int client) => [Room(client), Room(client * 7 + client / (Groups * Channels) + 1)];

    /// <summary>
    /// Gets the target of each publisher and its pause between two signals. Each waits for the answer, which takes two seconds while a gateway has been killed and
    /// its lease is not over. So there are many, and the pause is almost as long. Those that reach many clients are few. Every topic of a
    /// client has one: nothing starts the lane of a quiet topic after its silo has ended, so the end of its gateway would be a second failure.
    /// </summary>
    public static IReadOnlyList<(Aim Aim, LoadPlan Load)> Publishers { get; } =
    [
        .. Enumerable.Range(0, 2800).Select(static i => Of(new Aim(Room(i).Group, Room(i).Channel, 0))),
        .. Enumerable.Range(0, Clients).Select(static i => Of(new Aim(0, 0, SessionTable.User(i)))),
        .. Enumerable.Range(0, Clients).Select(static i => Of(new Aim(RoomsOf(i)[0].Group, RoomsOf(i)[0].Channel, SessionTable.User(i)))),
        .. Enumerable.Range(1, Groups).Select(static group => Of(new Aim(group, 0, 0))),
        .. Enumerable.Range(1, Channels).Select(static channel => Of(new Aim(0, channel, 0))),
        Of(new Aim(0, 0, 0)),
    ];

    private static (Aim Aim, LoadPlan Load) Of(Aim aim) =>
        (aim, new LoadPlan { Pace = TimeSpan.FromSeconds(1.8), AnswerTimeout = TimeSpan.FromSeconds(7) });

    private static (long Signals, int Failures, int Seed)? Read(string? text) => text?.Split(',') is [var signals, var failures, var seed]
        ? (long.Parse(signals, CultureInfo.InvariantCulture), int.Parse(failures, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture))
        : null;
}
