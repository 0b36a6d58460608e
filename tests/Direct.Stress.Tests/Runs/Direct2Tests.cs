using System.Text.Json;
using Direct.Stress.Reports;
using Direct.Stress.Tests.Servers;

namespace Direct.Stress.Tests.Runs;

/// <summary>Tests that clients of direct.2 detect what a server does wrong, over all of their connections.</summary>
public sealed class Direct2Tests : IAsyncLifetime
{
    private static readonly string[] Reconnecting = ["--rate=200", "--reconnect-rate=40", "--away=0.02"];

    private readonly FaultyServer _server = new();

    public static TheoryData<bool> Engines => [false, true];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Room_WithoutReconnects_EverythingArrivesOnce(bool isPortable)
    {
        var report = (await RunAsync([.. isPortable ? ["--portable"] : Array.Empty<string>(), "--rooms=3", "--senders=6"])).GoodReport();

        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Reordered));
        Assert.Equal(report.Sent * 4, report.Received); // 12 connections in 3 rooms
        Assert.Equal((0L, 0L, 0L, 0L), (report.Direct2!.Resumes, report.Direct2.Replayed, report.Direct2.Gaps, report.Direct2.Unaccepted));
        Assert.True(report.Direct2.JoinedMs.P50 > 0 && report.Direct2.JoinedMs.P50 <= report.Direct2.JoinedMs.P99);
    }

    [Fact]
    public async Task Room_SeveralRoomsOfAConnection_EachReceivesWhatAnyOfItsRoomsSends()
    {
        var report = (await RunAsync("--rooms=4", "--rooms-per-connection=3", "--senders=5", "--window=2")).GoodReport();

        Assert.Equal((0L, 0L), (report.Lost, report.Duplicated));
        Assert.Equal(report.Sent * 9, report.Received); // 12 connections, 3 of 4 rooms each
        Assert.All(_server.Connections, static connection => Assert.Equal(3, connection.Rooms.Count));
    }

    [Fact]
    public async Task Idle_WithReconnects_EveryClientComesBack()
    {
        var outcome = await StressOutcome.RunAsync(
            "--scenario=idle", $"--url={_server.Url}", "--protocol=direct.2", "--connections=5", "--reconnect-rate=50", "--duration=0.4", "--json");

        Assert.True(outcome.GoodReport().Direct2!.Resumes > 5);
    }

    [Fact]
    public async Task Connect_OverAndOver_CountsThoseThatWereJoined()
    {
        var outcome = await StressOutcome.RunAsync(
            "--scenario=connect", $"--url={_server.Url}", "--protocol=direct.2", "--batch=4", "--duration=0.4", "--warmup=0.1", "--json");

        Assert.True(outcome.GoodReport().Connections.Succeeded > 4);
    }

    [Fact]
    public async Task Room_AServerOfTheOriginalDialect_SaysSo()
    {
        _server.LacksDirect2 = true;

        var outcome = await RunAsync();

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            "handshake: the gateway does not speak direct.2, which Direct:Connections:Direct2=true switches on",
            outcome.Report.Errors.Single().Error);
    }

    [Fact]
    public async Task Room_AServerThatDrops_IsASilentLossAndTheExitCodeIsOne()
    {
        _server.Faults = static (message, receiver) => message == 3 && receiver == 5 ? Fault.Drop : Fault.None;

        var outcome = await RunAsync("--window=8");

        Assert.Equal((1, 1L, 0L), (outcome.ExitCode, outcome.Report.Lost, outcome.Report.Duplicated));
        Assert.Contains("MISSED --max-lost=0: it was 1", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Room_AServerThatDoubles_IsADuplicateAndTheExitCodeIsOne()
    {
        _server.Faults = static (message, receiver) => message == 3 && receiver == 5 ? Fault.Double : Fault.None;

        var outcome = await RunAsync("--window=8");

        Assert.Equal((1, 0L, 1L), (outcome.ExitCode, outcome.Report.Lost, outcome.Report.Duplicated));
        Assert.Contains("MISSED --max-duplicated=0: it was 1", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Resume_AServerThatReplays_EverythingArrivesOnce(bool isPortable)
    {
        var report = (await RunAsync([.. Reconnecting, .. isPortable ? ["--portable"] : Array.Empty<string>(), "--senders=2"])).GoodReport();

        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Direct2!.Gaps));
        Assert.Equal(report.Sent * 12, report.Received);
        Assert.True(report.Direct2 is { Resumes: > 5, Replayed: > 0 }, $"{report.Direct2}");
        Assert.True(report.Direct2.ResumedMs.P50 > 0);
        Assert.Equal(12 + report.Direct2.Resumes, _server.Connections.Count);

        // Half of those that ended meanwhile said goodbye; all others did at the end.
        var withoutClose = _server.Connections.Count(static connection => connection.Texts[^1] != "close");
        Assert.InRange(withoutClose, report.Direct2.Resumes / 2, (report.Direct2.Resumes / 2) + 1);
    }

    [Fact]
    public async Task Resume_SeveralGateways_ClientsComeBackToAnyOfThem()
    {
        await using var other = new FaultyServer { Direct2 = { Gap = GapAnswer.InTime } };
        _server.Direct2.Gap = GapAnswer.InTime; // the two share nothing

        var outcome = await RunAsync(
            $"--url={other.Url}", "--rooms=2", "--senders=2", "--rate=100", "--reconnect-rate=100");

        // At first connection i is in room i modulo 2, plus 1, of the gateway of the same number.
        Assert.Contains(other.Connections, static connection => connection.Texts[0].Contains("\njoin 1,1", StringComparison.Ordinal));
        Assert.Contains(_server.Connections, static connection => connection.Texts[0].Contains("\njoin 2,1", StringComparison.Ordinal));
        Assert.True(outcome.Report.Direct2!.Gaps > 0);
    }

    [Fact]
    public async Task Resume_AReplayThatLacksAMessage_IsASilentLoss()
    {
        _server.Direct2.ReplayFaults = static number => number == 2 ? Fault.Drop : Fault.None;

        var outcome = await RunAsync(Reconnecting);

        Assert.Equal((1, 1L, 0L), (outcome.ExitCode, outcome.Report.Lost, outcome.Report.Duplicated));
    }

    [Fact]
    public async Task Resume_AReplayThatDoublesAMessage_IsADuplicate()
    {
        _server.Direct2.ReplayFaults = static number => number == 2 ? Fault.Double : Fault.None;

        var outcome = await RunAsync(Reconnecting);

        Assert.Equal((1, 0L, 1L), (outcome.ExitCode, outcome.Report.Lost, outcome.Report.Duplicated));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Resume_AGapInTime_IsNotALoss(int processes)
    {
        _server.Direct2.Gap = GapAnswer.InTime;

        var report = (await RunAsync([.. Reconnecting, $"--processes={processes}"])).GoodReport();

        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Direct2!.Replayed));
        Assert.True(report.Direct2.MissedInGaps > 0);
        Assert.Equal(report.Direct2.Resumes, report.Direct2.Gaps);
        Assert.Equal((report.Sent * 12) - report.Direct2.MissedInGaps, report.Received);
    }

    [Fact]
    public async Task Resume_AGapAfterALaterMessage_DoesNotExcuseWhatCameBefore()
    {
        _server.Direct2.Gap = GapAnswer.Late;

        var outcome = await RunAsync(Reconnecting);

        Assert.Equal((1, 0L), (outcome.ExitCode, outcome.Report.Direct2!.MissedInGaps));
        Assert.True(outcome.Report.Lost > 0);
        Assert.Equal((outcome.Report.Sent * 12) - outcome.Report.Lost, outcome.Report.Received);
    }

    [Fact]
    public async Task Resume_AMessageThatIsRefused_IsExpectedOfNobody()
    {
        _server.Direct2.RefusesSay = static message => message == 4;

        var outcome = await RunAsync([.. Reconnecting, "--max-lost=0"]);

        // The server gives no number to what it refuses, so it refuses everything from the fourth on.
        Assert.Equal((0, 0L, outcome.Report.Sent - 3), (outcome.ExitCode, outcome.Report.Lost, outcome.Report.Direct2!.Unaccepted));
        Assert.Equal("error 4015 say 1,1 not accepted in time", outcome.Report.Errors.Single().Error);
    }

    [Fact]
    public async Task Resume_AJoinThatIsRefusedForNow_IsTriedAgain()
    {
        _server.Direct2.RefusesJoin = static connection => connection is 13 or 14 ? "4006 join 1,1 the cluster did not confirm in time" : null;

        var outcome = await RunAsync(Reconnecting);

        Assert.Equal((0, 0L), (outcome.ExitCode, outcome.Report.Lost));
        Assert.Equal(new StressReport.ErrorCount("error 4006 join 1,1 the cluster did not confirm in time", 2), outcome.Report.Errors.Single());
        Assert.Equal(12 + 2 + outcome.Report.Direct2!.Resumes, _server.Connections.Count);
    }

    [Fact]
    public async Task Resume_AClientThatTheServerCloses_ComesBackAndIsReported()
    {
        _server.Closes = static (connection, text) => connection < 12 && text.Contains('~', StringComparison.Ordinal) ? 4001 : null;

        var outcome = await RunAsync([.. Reconnecting, "--max-failed=1"]);

        // The first message of the sender is answered by the close, so it is not accepted.
        Assert.Equal((0, 1L, 0L), (outcome.ExitCode, outcome.Report.Connections.Ended, outcome.Report.Lost));
        Assert.True(outcome.Report.Direct2!.Unaccepted > 0 && outcome.Report.Sent > 5, $"{outcome}");
    }

    [Theory]
    [InlineData("--callers=5", "--connections=5")]
    [InlineData("--callers=3", "--rate=300", "--part=1,1,0", "--connections=7")]
    public async Task Signal_WithReconnects_EverySignalArrivesOnce(params string[] options)
    {
        var outcome = await StressOutcome.RunAsync(
        [
            "--scenario=signal", $"--url={_server.Url}", "--protocol=direct.2", "--reconnect-rate=40", "--away=0.02", "--warmup=0",
            "--duration=1", "--json", .. options,
        ]);

        var report = outcome.GoodReport();
        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Direct2!.Gaps));
        Assert.True(report.Direct2 is { Resumes: > 5, Replayed: > 0 }, $"{report.Direct2}");
        Assert.Equal(report.Sent * (options.Length == 4 ? 7 : 1), report.Received);
    }

    [Fact]
    public async Task Signal_ThatIsRefused_IsExpectedOfNobody()
    {
        _server.SignalStatus = 503;

        var outcome = await StressOutcome.RunAsync(
            "--scenario=signal", $"--url={_server.Url}", "--protocol=direct.2", "--callers=2", "--warmup=0", "--duration=0.2", "--json");

        Assert.Equal((0, 0L), (outcome.ExitCode, outcome.Report.Lost));
        Assert.True(outcome.Report.Direct2!.Unaccepted > 0);
    }

    [Fact]
    public async Task Report_OfDirect2_HasTheShapeThatIsDocumentedAndIsPrinted()
    {
        var json = await RunAsync(Reconnecting);
        var text = await StressOutcome.RunAsync(
        [
            "--scenario=room", $"--url={_server.Url}", "--protocol=direct.2", "--connections=6", "--warmup=0", "--duration=1", .. Reconnecting,
        ]);

        using var report = JsonDocument.Parse(json.Output);
        Assert.Equal(
            ["resumes", "replayed", "gaps", "missedInGaps", "unaccepted", "joinedMs", "resumedMs"],
            report.RootElement.GetProperty("direct2").EnumerateObject().Select(static property => property.Name));
        Assert.All(
            ["Time to joined", "Time to joined again", "Resumes", "replayed messages", "Gaps", "Lost, duplicated, reordered"],
            row => Assert.Contains(row, text.Output, StringComparison.Ordinal));
    }

    private Task<StressOutcome> RunAsync(params string[] options) => StressOutcome.RunAsync(
    [
        "--scenario=room", $"--url={_server.Url}", "--protocol=direct.2", "--connections=12", "--warmup=0", "--duration=1", "--json", .. options,
    ]);
}
