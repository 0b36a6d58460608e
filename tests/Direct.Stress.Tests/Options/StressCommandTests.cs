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
    public void Read_OptionsThatDoNotGoTogether_SaysWhy(string what, string error, params string[] arguments)
    {
        Assert.True(CommandLine.Errors(arguments).SequenceEqual([error]), $"{what}: {string.Join(" | ", CommandLine.Errors(arguments))}");
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
