using System.Globalization;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>
/// Specifies the durations of the scenarios. The defaults keep the whole project under twelve minutes. <c>DIRECT_CRASH_&lt;NAME&gt;</c> in seconds
/// makes a run longer: DIRECT_CRASH_DATABASE_DOWN=60, for instance. A scenario of more than five minutes also needs a greater
/// <c>DIRECT_TEST_LIMIT</c>: 00:20:00, for instance.
/// </summary>
internal static class CrashTimes
{
    /// <summary>Gets how long the load runs before a fault.</summary>
    public static TimeSpan Before { get; } = Get("BEFORE", 3);

    /// <summary>Gets how long the load runs after a fault, at the least.</summary>
    public static TimeSpan After { get; } = Get("AFTER", 12);

    /// <summary>Gets how long a process is frozen: longer than the 15 s after which a gateway must fence itself, and than the 20 s of its lease.</summary>
    public static TimeSpan Frozen { get; } = Get("FROZEN", 30);

    /// <summary>Gets how long the load runs after a node or the database is back.</summary>
    public static TimeSpan AfterThaw { get; } = Get("AFTER_THAW", 6);

    /// <summary>Gets the time from the death of a gateway until its lease has expired and no publish waits for it.</summary>
    public static TimeSpan LeaseOver { get; } = Get("LEASE_OVER", 25);

    /// <summary>Gets how long the load runs between the steps of an upgrade.</summary>
    public static TimeSpan BetweenSteps { get; } = Get("BETWEEN_STEPS", 2);

    /// <summary>Gets how long the database is down: a minute in the long run.</summary>
    public static TimeSpan DatabaseDown { get; } = Get("DATABASE_DOWN", 20);

    /// <summary>Gets how long a gateway is cut off.</summary>
    public static TimeSpan CutOff { get; } = Get("CUT_OFF", 25);

    /// <summary>Gets for how long nothing happens before a silo is killed. By default that test is left out.</summary>
    public static TimeSpan Idle { get; } = Get("IDLE", 0);

    /// <summary>Gets how many signals must be accepted, at the least, in each scenario.</summary>
    public static int Signals { get; } = (int)Get("SIGNALS", 10_000).TotalSeconds;

    /// <summary>How many silos there are where the scenario does not say.</summary>
    public static int Silos { get; } = (int)Get("SILOS", 2).TotalSeconds;

    private static TimeSpan Get(string name, int seconds) =>
        TimeSpan.FromSeconds(double.TryParse(Environment.GetEnvironmentVariable($"DIRECT_CRASH_{name}"), CultureInfo.InvariantCulture, out var given) ? given : seconds);
}
