using Direct.Stress.Options;

namespace Direct.Stress.Tests.Options;

public sealed class StressCommandTests
{
    [Fact]
    public void Read_Nothing_GivesTheDefaultsOfTheOriginal()
    {
        var options = CommandLine.Read();

        Assert.Equal(
            (ScenarioName.Chat, "ws://localhost:8085/!direct", 500, 50, (int?)100, 10.0),
            (options.Scenario, options.Urls.Single(), options.Connections, options.Batch, options.DelayMs, options.DurationSeconds));
    }

    [Fact]
    public void Read_TheFormOfTheOriginal_IsUnderstoodWithEqualsSignsAndWithSpaces()
    {
        var equals = CommandLine.Read("--url=ws://h:1/!direct", "--connections=7", "--batch=3", "--delay=5", "--duration=2");
        var spaces = CommandLine.Read("--url", "ws://h:1/!direct", "--connections", "7", "--batch", "3", "--delay", "5", "--duration", "2");

        Assert.Equal(("ws://h:1/!direct", 7, 3, (int?)5, 2.0), Form(equals));
        Assert.Equal(Form(equals), Form(spaces));

        static (string Url, int Connections, int Batch, int? Delay, double Duration) Form(StressOptions options) =>
            (options.Urls.Single(), options.Connections, options.Batch, options.DelayMs, options.DurationSeconds);
    }

    [Theory]
    [InlineData("--connections=many", "--connections=many: a whole number from 1 to 1000000 expected")]
    [InlineData("--connections=0", "--connections=0: a whole number from 1 to 1000000 expected")]
    [InlineData("--duration=-1", "--duration=-1: a number from 0 to 604800 expected")]
    [InlineData("--payload=1", "--payload=1: a whole number from 23 to 65535 expected")]
    [InlineData("--scenario=chatt", "--scenario=chatt: one of chat, room, idle, connect, signal expected")]
    [InlineData("--protocol=direct.3", "--protocol=direct.3: one of original, direct.2 expected")]
    [InlineData("--reconnect-rate=-1", "--reconnect-rate=-1: a number from 0 to 1000000 expected")]
    [InlineData("--away=soon", "--away=soon: a number from 0 to 604800 expected")]
    [InlineData("--rooms-per-connection=0", "--rooms-per-connection=0: a whole number from 1 to 1000 expected")]
    [InlineData("--preset=2k", "--preset=2k: one of 1k, 5k, 10k expected")]
    [InlineData("--url=http://a/", "--url=http://a/: an address that begins with ws:// or wss:// expected")]
    [InlineData("--server-pid=1,x", "--server-pid=x: numbers of running processes, like 1234 or 1234,1235 expected")]
    public void Read_AWrongValue_NamesTheOptionTheValueAndWhatWasExpected(string argument, string error)
    {
        Assert.Equal([error], CommandLine.Errors(argument));
    }

    [Theory]
    [InlineData("--senders=6 can", "--senders=6: at most --connections=5 expected", "--scenario=room", "--connections=5", "--senders=6")]
    [InlineData("rooms", "--rooms=6: at most --connections=5 expected", "--scenario=room", "--connections=5", "--rooms=6")]
    [InlineData("processes", "--processes=6: at most --connections=5 expected", "--connections=5", "--processes=6")]
    [InlineData("callers", "--connections=5: one for each of --callers=16 expected", "--scenario=signal", "--connections=5")]
    [InlineData(
        "no expect",
        "--part=1,2,3: --expect=n too expected, the number of connections that each signal reaches",
        "--scenario=signal",
        "--part=1,2,3")]
    [InlineData("no signal", "--part=1,2,3: --scenario=signal expected", "--part=1,2,3")]
    [InlineData(
        "no part",
        "--part=1,2: group,channel,user, three whole numbers of which 0 means any, expected",
        "--scenario=signal",
        "--part=1,2",
        "--expect=1")]
    [InlineData("chat", "--max-lost=0: a scenario that numbers its messages, room or signal, not chat expected", "--max-lost=0")]
    [InlineData("idle", "--max-p99=5: a scenario that sends: chat, room or signal expected", "--scenario=idle", "--max-p99=5")]
    [InlineData(
        "reconnects in the original dialect",
        "--reconnect-rate=5: --protocol=direct.2 too, because only its clients resume, expected",
        "--scenario=room",
        "--rate=10",
        "--reconnect-rate=5")]
    [InlineData("away", "--away=2: --reconnect-rate=n too expected", "--scenario=room", "--protocol=direct.2", "--away=2")]
    [InlineData(
        "chat in direct.2",
        "--protocol=direct.2: --scenario=room, signal, idle or connect expected, because chat is the steps of the original tool",
        "--protocol=direct.2")]
    [InlineData(
        "reconnects of connections that do not stay",
        "--reconnect-rate=5: a scenario whose connections stay: room, signal or idle expected",
        "--scenario=connect",
        "--protocol=direct.2",
        "--reconnect-rate=5")]
    [InlineData(
        "reconnects without a rate",
        "--reconnect-rate=5: --rate=n too, because with --window a message waits for members that are away, expected",
        "--scenario=room",
        "--protocol=direct.2",
        "--reconnect-rate=5")]
    [InlineData(
        "reconnects of senders",
        "--senders=5: fewer than --connections=5 with --reconnect-rate, which spares them, expected",
        "--scenario=room",
        "--protocol=direct.2",
        "--rate=10",
        "--reconnect-rate=5",
        "--connections=5",
        "--senders=5")]
    [InlineData("several rooms in the original dialect", "--rooms-per-connection=2: --protocol=direct.2 too expected", "--scenario=room", "--rooms=2", "--rooms-per-connection=2")]
    [InlineData(
        "more rooms than there are",
        "--rooms-per-connection=3: at most --rooms=2 expected",
        "--scenario=room",
        "--protocol=direct.2",
        "--rooms=2",
        "--rooms-per-connection=3")]
    [InlineData(
        "several rooms in another scenario",
        "--rooms-per-connection=2: --scenario=room or idle expected",
        "--scenario=signal",
        "--protocol=direct.2",
        "--rooms-per-connection=2")]
    [InlineData(
        "expect",
        "--expect=3: not expected with --protocol=direct.2, which knows the connections that match --part",
        "--scenario=signal",
        "--protocol=direct.2",
        "--part=1,1,0",
        "--expect=3")]
    public void Read_OptionsThatDoNotGoTogether_SaysWhy(string what, string error, params string[] arguments)
    {
        Assert.True(CommandLine.Errors(arguments).SequenceEqual([error]), $"{what}: {string.Join(" | ", CommandLine.Errors(arguments))}");
    }

    [Theory]
    [InlineData(0L, "--scenario=room", "--protocol=direct.2")]
    [InlineData(0L, "--scenario=signal", "--protocol=direct.2")]
    [InlineData(3L, "--scenario=room", "--protocol=direct.2", "--max-lost=3", "--max-duplicated=3")]
    [InlineData(null, "--scenario=idle", "--protocol=direct.2")]
    [InlineData(null, "--scenario=room")]
    [InlineData(null, "--scenario=signal")]
    public void Read_Direct2_AllowsNoLossAndNoDuplicateUnlessGiven(long? expected, params string[] arguments)
    {
        var thresholds = CommandLine.Read(arguments).Thresholds;

        Assert.Equal((expected, expected), (thresholds.MaxLost, thresholds.MaxDuplicated));
    }

    [Fact]
    public void Read_MoreConnectionsThanDescriptors_SaysHowManyProcessesItTakes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the limits are read from /proc");

        var errors = CommandLine.Errors("--connections=1000000", "--sources=250");

        Assert.Contains(
            errors, static error => error.StartsWith("--connections=1000000: a process here may have", StringComparison.Ordinal));
    }
}
