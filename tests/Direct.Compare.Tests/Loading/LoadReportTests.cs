using Direct.Compare.Loading;
using Direct.Compare.Servers;

namespace Direct.Compare.Tests.Loading;

public sealed class LoadReportTests
{
    [Fact]
    public void Parse_WhatTheLoadToolPrints_ReadsWhatIsNeeded()
    {
        var report = LoadReport.Parse(FakeLoader.Json(rssKbConnected: 70_000));

        Assert.Equal((3, 12, 1, 2, 3), (report.Connections.Failed, report.Received, report.Lost, report.Duplicated, report.Reordered));
        Assert.Equal((1000.5, 3.25), (report.DeliveriesPerSecond, report.LatencyMs!.P99));
        Assert.Equal((40.5, 2), (report.Loader!.CpuPercent, report.Loader.Processes));
        Assert.Equal((5.5, 70_000), (report.Server!.CpuUsPerDelivery, report.Server.RssKbConnected));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("connected 10")]
    [InlineData("{}")]
    public void Parse_SomethingElse_IsRefusedWithWhatItWas(string output)
    {
        var exception = Assert.Throws<CompareException>(() => LoadReport.Parse(output));

        Assert.Contains("the load tool", exception.Message, StringComparison.Ordinal);
        Assert.Contains(output, exception.Message, StringComparison.Ordinal);
    }
}
