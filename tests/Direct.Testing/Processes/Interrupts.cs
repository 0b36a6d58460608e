using Xunit;

namespace Direct.Testing.Processes;

/// <summary>Checks whether the processes that a test starts can be interrupted.</summary>
public static class Interrupts
{
    /// <summary>Skips the test when SIGINT is ignored: child processes inherit that.</summary>
    public static void SkipWhenIgnored() => Assert.SkipWhen(
        OperatingSystem.IsLinux() && AreIgnored(), "this run ignores SIGINT, as what a shell starts in the background does, and so would the process");

    private static bool AreIgnored()
    {
        const string Ignored = "SigIgn:";
        var mask = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Ignored, StringComparison.Ordinal))[Ignored.Length..];
        return (Convert.ToUInt64(mask.Trim(), 16) & 0b10) != 0;
    }
}
