using Direct.Compare.Scenarios;
using Direct.Compare.Servers;
using Direct.Testing.Processes;

namespace Direct.Compare.Tests.Servers;

/// <summary>Our own floor server, where there is a compiler.</summary>
internal static class Floor
{
    private static readonly SemaphoreSlim Building = new(1);

    public static void SkipWithoutCompiler() => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "cc"))),
        "no C compiler; apt-get install gcc libc6-dev");

    public static async Task<RunningServer> StartAsync(bool coalesces)
    {
        SkipWithoutCompiler();
        var cancellationToken = TestContext.Current.CancellationToken;
        await Building.WaitAsync(cancellationToken);
        try
        {
            var command = await FloorContestant.BuildAsync(Checkout.Find(), cancellationToken);
            return await new FloorContestant("floor", command, coalesces, new Ports(FreePort.Take()), null)
                .StartAsync(ScenarioList.All[0], cancellationToken);
        }
        finally
        {
            Building.Release();
        }
    }
}
