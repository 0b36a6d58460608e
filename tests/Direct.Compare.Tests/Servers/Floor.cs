using Direct.Compare.Scenarios;
using Direct.Compare.Servers;
using Direct.Testing.Processes;

namespace Direct.Compare.Tests.Servers;

/// <summary>Provides our own floor server, on machines with a compiler.</summary>
internal static class Floor
{
    private static readonly Lazy<Task<string>> Command = new(() => FloorServerUnderTest.BuildAsync(Checkout.Find(), CancellationToken.None));

    public static void SkipWithoutCompiler() => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "cc"))),
        "no C compiler; apt-get install gcc libc6-dev");

    public static async Task<RunningServer> StartAsync(bool coalesces)
    {
        SkipWithoutCompiler();
        var floor = new FloorServerUnderTest("floor", await Command.Value, coalesces, new Ports(FreePort.Take()), null);
        return await floor.StartAsync(ScenarioList.All[0], TestContext.Current.CancellationToken);
    }
}
