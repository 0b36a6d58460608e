using Xunit.Sdk;

namespace Direct.Testing.Tests;

public sealed class LogLinesTests
{
    private static readonly string[] Log =
    [
        "info: Direct.Silo.Hosting.ReadyReport[8000]",
        "      ready",
        "fail: Orleans.Messaging[100071]",
        $"      Failed to address message {new string('x', 1000)}",
        "      System.OperationCanceledException: Message expired",
        "info: Direct.Silo.Hosting.ReadyReport[8000]",
        "      ended",
    ];

    [Fact]
    public void AssertNone_ThereIsAnUnwantedLine_ShowsTheWholeEntryAndNoOther()
    {
        var failure = Assert.Throws<TrueException>(() => LogLines.AssertNone(Log, LogLines.IsError));

        Assert.Equal(["unwanted lines:", .. Log[2..5]], failure.Message.Split('\n'));
    }

    [Fact]
    public void AssertNone_ThereIsNone_Passes() => LogLines.AssertNone(Log, static line => line.StartsWith("crit:", StringComparison.Ordinal));

    [Theory]
    [InlineData("crit: X[1]", true)]
    [InlineData("warn: X[1]", true)]
    [InlineData("info: X[1]", false)]
    [InlineData("warn: Orleans.Runtime.Watchdog[100150]", false)]
    [InlineData("warn: Orleans.Runtime.MembershipService.LocalSiloHealthMonitor[0]", false)]
    public void IsWarningOrError_Slowness_IsNone(string line, bool expected) => Assert.Equal(expected, LogLines.IsWarningOrError(line));
}
