using System.Net;
using Direct.Stress.Tests.Servers;
using Direct.Testing.Processes;

namespace Direct.Stress.Tests.Runs;

public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly FaultyServer _server = new();

    public static TheoryData<bool> Engines => [false, true];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Idle_Connections_JoinAndSayGoodbye(bool isPortable)
    {
        var outcome = await RunAsync(isPortable, "--scenario=idle", "--connections=30", "--rooms=4", "--duration=0.1");

        var report = outcome.GoodReport();
        Assert.Equal((30L, 30L, 100.0), (report.Connections.Requested, report.Connections.Succeeded, report.Connections.SuccessPercent));
        Assert.True(
            report.ConnectMs is { Min: > 0 } times && times.Min <= times.Average && times.Average <= times.Max && times.P95 <= times.Max);
        Assert.Equal(4, _server.Connections.Select(static connection => connection.Texts[1]).Distinct().Count());
        Assert.All(_server.Connections, static connection => Assert.Equal("close", connection.Texts[^1]));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Connect_OverAndOver_CountsThoseThatWereJoined(bool isPortable)
    {
        var outcome = await RunAsync(isPortable, "--scenario=connect", "--batch=4", "--duration=0.4", "--warmup=0.1");

        var report = outcome.GoodReport();
        Assert.True(report.Connections.Succeeded > 4, $"{report.Connections}");
        Assert.True(_server.Connections.Count >= report.Connections.Succeeded);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AnyScenario_NobodyListens_ExitsWithTwoAndSaysWhy(bool isPortable)
    {
        var port = FreePort.Take();

        var outcome = await RunAsync(isPortable, $"--url=ws://127.0.0.1:{port}/", "--scenario=room", "--connections=6");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(("connect: Connection refused", 6L), (outcome.Report.Errors.Single().Error, outcome.Report.Errors.Single().Count));
        Assert.Equal(6, outcome.Report.Connections.Failed);
    }

    [Fact]
    public async Task Sources_Several_AreTakenInTurn()
    {
        var outcome = await RunAsync(false, "--scenario=idle", "--connections=6", "--sources=3", "--duration=0");

        outcome.GoodReport();
        Assert.Equal(
            [IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")],
            _server.Connections.Select(static connection => connection.Source).Distinct().OrderBy(static source => source.ToString()));
    }

    [Fact]
    public async Task Urls_Several_ShareTheConnections()
    {
        await using var other = new FaultyServer();

        var outcome = await RunAsync(
            false, $"--url={other.Url}", $"--url={other.Url}", "--scenario=idle", "--connections=9", "--duration=0");

        outcome.GoodReport();
        Assert.Equal((3, 6), (_server.Connections.Count, other.Connections.Count)); // every third connection goes to this server, which is named first
    }

    private Task<StressOutcome> RunAsync(bool isPortable, params string[] options)
    {
        string[] engine = isPortable ? ["--portable"] : [];
        string[] url = options.Count(static option => option.StartsWith("--url", StringComparison.Ordinal)) == 1
            ? []
            : [$"--url={_server.Url}"];
        return StressOutcome.RunAsync([.. url, "--json", .. engine, .. options]);
    }
}
