using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Ends processes as an operator does.</summary>
internal static class ProcessStop
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends SIGTERM, and asserts that the process ends well.</summary>
    public static async Task EndAsync(this NodeProcess process)
    {
        await process.TerminateAsync();
        Assert.Equal(0, await process.WaitForExitAsync(Patience));
    }
}
