using Direct.Stress.Tests.Servers;

namespace Direct.Stress.Tests.Runs;

public sealed class SecureTests : IAsyncLifetime
{
    private readonly FaultyServer _server = new(isSecure: true);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("--scenario=room")]
    [InlineData("--scenario=signal", "--callers=4")]
    public async Task Wss_AnyCertificateWillDo_EverythingArrives(params string[] options)
    {
        var outcome = await StressOutcome.RunAsync(
            [$"--url={_server.Url}", "--connections=5", "--warmup=0", "--duration=0.4", "--insecure", "--json", .. options]);

        var report = outcome.GoodReport();
        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.Reordered));
        Assert.True(report.Sent > 1);
    }

    [Fact]
    public async Task Wss_AnUnknownCertificate_IsRefused()
    {
        var outcome = await StressOutcome.RunAsync($"--url={_server.Url}", "--scenario=idle", "--connections=2", "--duration=0", "--json");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(2, outcome.Report.Errors.Single().Count);
        Assert.StartsWith("TLS: ", outcome.Report.Errors.Single().Error, StringComparison.Ordinal);
    }
}
