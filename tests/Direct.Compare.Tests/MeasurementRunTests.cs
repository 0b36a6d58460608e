using Direct.Compare.Loading;
using Direct.Compare.Results;
using Direct.Compare.Scenarios;
using Direct.Compare.Servers;
using Direct.Compare.Tests.Loading;
using Direct.Compare.Tests.Results;

namespace Direct.Compare.Tests;

public sealed class MeasurementRunTests
{
    [Fact]
    public async Task Take_ALoad_ReadsTheValuesOff()
    {
        var measurement = await MeasureAsync("A1", FakeLoader.Good);

        Assert.Null(measurement.Failure);
        Assert.Equal((5.5, 3.25), (measurement.Values[Metric.CpuPerDelivery], measurement.Values[Metric.LatencyP99]));
        Assert.Equal((1, 2, 3, 3), (measurement.Lost, measurement.Duplicated, measurement.Reordered, measurement.FailedConnections));
        Assert.Equal(40.5, measurement.LoaderPercent);
    }

    [Fact]
    public async Task Take_ASlope_IsWhatEachFurtherConnectionTakes()
    {
        var serverUnderTest = new FakeServerUnderTest();

        var measurement = await MeasureAsync("C", FakeLoader.Good, serverUnderTest);

        Assert.Equal(2, measurement.Values[Metric.MemoryPerConnection]);
        Assert.Equal(2, serverUnderTest.Starts); // a process does not give memory back, so the server is started again
    }

    [Fact]
    public async Task Take_SeveralGateways_NeverSignalsToThatOfTheConnection()
    {
        var arguments = await ArgumentsAsync("2G-signal", RunningServer.OfGateways([1], [7, 8, 9], null));

        Assert.Contains("--url=ws://127.0.0.1:7/!direct --url=ws://127.0.0.1:8/!direct --url=ws://127.0.0.1:9/!direct ", arguments);
        Assert.Contains(
            "--signal-url=http://127.0.0.1:8/!direct-signal --signal-url=http://127.0.0.1:9/!direct-signal "
            + "--signal-url=http://127.0.0.1:7/!direct-signal --server-pid=1",
            arguments);
        Assert.DoesNotContain("--insecure", arguments, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_AServerOfADialect_TellsTheLoadTool()
    {
        var server = RunningServer.OfGateways([1], [7], null);

        Assert.Contains(" --protocol=direct.2 ", await ArgumentsAsync("direct2-A1", server with { Protocol = "direct.2" }), StringComparison.Ordinal);
        Assert.DoesNotContain("--protocol", await ArgumentsAsync("direct2-A1", server), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'nothing could connect' >&2; exit 2", "the load tool ended with 2: nothing could connect")]
    [InlineData("exit 0", "the load tool ended with 0: ")]
    [InlineData("echo hello", "the load tool must print one JSON object, not 'hello'")]
    public async Task Take_ALoadToolThatFails_IsAMeasurementThatSaysSo(string script, string expected)
    {
        var measurement = await MeasureAsync("A1", FakeLoader.Of(script));

        Assert.StartsWith(expected, measurement.Failure, StringComparison.Ordinal);
        Assert.Empty(measurement.Values);
    }

    private static async Task<string> ArgumentsAsync(string scenario, RunningServer server)
    {
        // The load tool prints its arguments as its error.
        var measurement = await MeasureAsync(scenario, FakeLoader.Of("echo \"$@\" >&2; exit 9"), new FakeServerUnderTest { Server = server });
        return measurement.Failure!;
    }

    private static Task<Measurement> MeasureAsync(string scenario, Loader loader, ServerUnderTest? serverUnderTest = null)
    {
        var options = Given.Options(scenario);
        return new MeasurementRun(options, loader).MeasureAsync(
            options.Scenarios[0], serverUnderTest ?? new FakeServerUnderTest(), 1, TestContext.Current.CancellationToken);
    }

    private sealed class FakeServerUnderTest() : ServerUnderTest("fake")
    {
        public int Starts { get; private set; }

        public RunningServer Server { get; init; } = new([Environment.ProcessId], [new Uri("ws://127.0.0.1:9/!direct")], [], null);

        public override string Command => "none";

        public override Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken)
        {
            Starts++;
            return Task.FromResult(Server);
        }
    }
}
