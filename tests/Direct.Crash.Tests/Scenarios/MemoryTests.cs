using System.Net;
using System.Text;
using System.Text.Json;
using Direct.Crash.Tests.Clusters;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>
/// Tests that a gateway stays within the memory of its container. The queue of each lane is bounded, but every room may have a lane. While no silo
/// answers, all queues together would exceed the memory of the container.
/// </summary>
public sealed class MemoryTests(DatabaseFixture database, ITestOutputHelper output)
{
    private const long ContainerBytes = 350_000_000;
    private const int Callers = 60;
    private const int Rooms = 60; // rooms of each caller
    private const int MessageBytes = 60_000;

    [Fact]
    public async Task Kill_AllSilosWhileManyRoomsAreSignalled_TheGatewayRefusesAndRecovers()
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        using var group = MemoryGroup.TryCreate(ContainerBytes, out var why);
        Assert.SkipWhen(group is null, why);
        var plan = new ClusterPlan { Silos = 1, Gateways = 1, GatewayMemory = group };
        await using var cluster = await CrashCluster.StartAsync(database.Database!, database.NextClusterId(), plan);
        var gateway = cluster.Gateways.Single().Process;
        Assert.Equal(Rooms, (await SignalAsync(gateway, caller: 0)).Accepted);

        cluster.Silos.Single().Process.Kill();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => SignalAsync(gateway, caller)));

        var total = outcomes.Aggregate(static (one, other) => new Outcome(one.Accepted + other.Accepted, one.NoMemory + other.NoMemory, one.NotAccepted + other.NotAccepted));
        output.WriteLine($"{Callers * Rooms} signals of {MessageBytes} bytes to as many rooms without a silo: {total}; the container had {group!.PeakBytes / 1_000_000} MB of {ContainerBytes / 1_000_000} at most");
        Assert.Equal((0L, false), (group.Killed, gateway.HasExited));
        Assert.Equal((0, Callers * Rooms), (total.Accepted, total.NoMemory + total.NotAccepted));
        Assert.InRange(total.NoMemory, 1, Callers * Rooms);
        Assert.InRange(total.NotAccepted, 1, Callers * Rooms);

        await cluster.StartSiloAsync(cluster.Silos.Single());
        await Deadline.UntilAsync("signals are taken again", async () => (await SignalAsync(gateway, caller: 0)).Accepted == Rooms, TimeSpan.FromMinutes(2));
        await Deadline.UntilAsync("a member receives again", () => IsReceivedAsync(gateway), TimeSpan.FromMinutes(1));
        Assert.Equal(0, group.Killed);
    }

    // On a slow machine the gateway may have lost its lease meanwhile. It then closes its connections, and their clients connect again.
    private static async Task<bool> IsReceivedAsync(NodeProcess gateway)
    {
        try
        {
            await using var member = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);
            await member.JoinAsync(1, 1);
            var receipt = await gateway.SignalAsync("1,1,0", "back");
            return receipt.Delivered == 1 && await member.ReceiveTextAsync() == "back";
        }
        catch (Exception exception) when (exception is UnexpectedFrameException or IOException)
        {
            return false;
        }
    }

    private static async Task<Outcome> SignalAsync(NodeProcess gateway, int caller)
    {
        var signals = Enumerable.Range(1, Rooms).Select(room => new { part = FormattableString.Invariant($"{caller + 1},{room},0"), message = new string('x', MessageBytes) });
        using var content = new StringContent(JsonSerializer.Serialize(signals), Encoding.UTF8, "application/json");
        using var response = await gateway.Http.PostAsync(new Uri("/!direct-signal", UriKind.Relative), content);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        if (response.StatusCode is HttpStatusCode.ServiceUnavailable)
        {
            return IsForMemory(json.RootElement) ? new Outcome(0, Rooms, 0) : new Outcome(0, 0, Rooms);
        }

        var answers = json.RootElement.EnumerateArray().ToArray();
        var refused = answers.Where(static answer => answer.GetProperty("status").GetInt32() == 503).ToArray();
        var noMemory = refused.Count(IsForMemory);
        return new Outcome(answers.Length - refused.Length, noMemory, refused.Length - noMemory);
    }

    private static bool IsForMemory(JsonElement problem) =>
        problem.TryGetProperty("detail", out var detail) && detail.GetString()!.Contains("memory of this gateway", StringComparison.Ordinal);

    /// <summary>Counts the accepted signals, and those refused for lack of memory or of a silo.</summary>
    private sealed record Outcome(int Accepted, int NoMemory, int NotAccepted);
}
