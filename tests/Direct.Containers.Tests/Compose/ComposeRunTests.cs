using System.Diagnostics;
using Direct.Containers.Tests.Engine;
using Direct.Containers.Tests.Load;
using Direct.Testing;
using Direct.Testing.Time;

namespace Direct.Containers.Tests.Compose;

/// <summary>Tests the compose file in containers under load, while one service after another is killed, stopped and started.</summary>
public sealed class ComposeRunTests(ContainerEngine engine, ITestOutputHelper output)
{
    private const int GatewayDraining = 4001;

    [Fact]
    public async Task Containers_KilledStoppedAndStartedInTurn_LoseNothingAccepted()
    {
        SlowTests.SkipIfUnwanted();
        engine.Images.Require();
        await using var project = await ComposeProject.StartAsync(engine);
        await using var load = await LoadRun.StartAsync([project.Entry], ComposeProject.Key);
        var watch = Stopwatch.StartNew();

        foreach (var service in (string[])["gateway-1", "silo-1"])
        {
            await KillAsync(project, service);
            await load.SettleAsync();
            Note($"{service} killed and back");
        }

        foreach (var (service, seconds) in ((string, int)[])[("mysql", 60), ("gateway-2", 60), ("gateway-1", 60), ("silo-1", 70), ("silo-2", 70), ("haproxy", 10)])
        {
            var (before, drained) = (load.Sessions.Count, Drained(load));
            await project.Service(service).StopAsync(seconds);
            Assert.Equal(0, await project.Service(service).ExitCodeAsync()); // 137 would mean that it was killed after its timeout
            if (service.StartsWith("gateway", StringComparison.Ordinal))
            {
                // All browsers were on this gateway, because the other one had just been restarted.
                await Deadline.UntilAsync("the browsers have been told to come back", () => Drained(load) > drained, TimeSpan.FromMinutes(1));
            }

            await project.Service(service).StartAgainAsync();
            await project.WaitReadyAsync(service);
            await load.SettleAsync();
            Note($"{service} stopped and started, {load.Sessions.Count - before} browsers came back");
        }

        var errors = await load.FinishAsync();
        Note($"{load.Accepted} signals accepted, {load.Sessions.Count} connections, {errors.Count} errors");
        Assert.Empty(errors);

        void Note(string what) => output.WriteLine(FormattableString.Invariant($"{watch.Elapsed.TotalSeconds:0.0} s: {what}"));
    }

    private static int Drained(LoadRun load) => load.Sessions.Count(session => session.CloseCode == GatewayDraining);

    // The engine restarts the container itself.
    private static async Task KillAsync(ComposeProject project, string service)
    {
        var container = project.Service(service);
        var pid = await container.PidAsync();
        await container.KillAsync();
        await container.WaitForRestartAsync(pid);
        await project.WaitReadyAsync(service);
    }
}
