using System.Globalization;
using System.Reflection;
using Direct.Grains.Hosting;
using Direct.Grains.Time;
using Direct.Testing.Processes;

namespace Direct.Grains.Tests.Time;

public sealed class BootTimeProviderTests
{
    private const double Tick = 0.011; // the resolution of /proc/uptime is a hundredth of a second

    private readonly BootTimeProvider _time = new();

    /// <summary>Tests that the timestamp matches /proc/uptime, which includes suspensions as CLOCK_BOOTTIME does.</summary>
    [Fact]
    public void GetTimestamp_OnLinux_IsTheUptimeOfTheMachine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has this clock");
        var before = Uptime();

        var now = (double)_time.GetTimestamp() / _time.TimestampFrequency;

        Assert.InRange(now, before - Tick, Uptime() + Tick);
    }

    /// <summary>
    /// Tests a machine that was suspended for ten days. The test runs in a time namespace in which CLOCK_BOOTTIME is ten days ahead of
    /// CLOCK_MONOTONIC, because the two clocks do not differ on a test machine otherwise.
    /// </summary>
    [Fact]
    public async Task GetTimestamp_MachineWasSuspended_CountsIt()
    {
        var unshare = InstalledProgram.Find("unshare");
        Assert.SkipWhen(unshare is null, "no unshare, which makes time namespaces: apt-get install util-linux");
        string[] inTimeNamespace = ["--time", "--boottime", "864000", "--fork"];
        await using (var trial = Command.Start(unshare!, [.. inTimeNamespace, "true"]))
        {
            Assert.SkipUnless(await trial.WaitForExitAsync() == 0, $"no time namespaces here: {trial.Output}");
        }

        var test = $"{typeof(BootTimeProviderTests).FullName}.{nameof(GetTimestamp_OnLinux_IsTheUptimeOfTheMachine)}";
        await using var there = Command.Start(
            unshare!, [.. inTimeNamespace, Repository.DotnetHost, Assembly.GetExecutingAssembly().Location, "-method", test]);

        await there.EndsWellAsync(TimeSpan.FromMinutes(2));
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", there.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void GetElapsedTime_BetweenTwoReadings_IsThatOfTheMachine()
    {
        var (before, start) = (Uptime(), _time.GetTimestamp());
        SpinWait.SpinUntil(() => Uptime() > before + 0.05);

        Assert.InRange(_time.GetElapsedTime(start).TotalSeconds, 0.03, Uptime() - before + Tick);
    }

    [Fact]
    public void SteadyTimeProvider_OfSilos_CountsSuspensionToo()
    {
        Assert.IsAssignableFrom<BootTimeProvider>(new SteadyTimeProvider());
    }

    private static double Uptime() => double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
}
