using Direct.Compare.Loading;
using Direct.Compare.Options;
using Direct.Compare.Results;
using Direct.Compare.Scenarios;
using Direct.Compare.Servers;

namespace Direct.Compare;

/// <summary>Makes one measurement: it starts a new server, applies the load of a scenario, and reads the figures.</summary>
internal sealed class MeasurementRun(CompareOptions options, Loader loader)
{
    private readonly TimeSpan _duration = TimeSpan.FromSeconds(options.DurationSeconds + options.WarmupSeconds);

    /// <summary>
    /// Makes the measurement. An error becomes part of the result, because one measurement that fails must not end a run of an hour.
    /// </summary>
    public async Task<Measurement> MeasureAsync(Scenario scenario, ServerUnderTest serverUnderTest, int round, CancellationToken cancellationToken)
    {
        var measurement = new Measurement { Scenario = scenario.Name, Server = serverUnderTest.Name, Round = round };
        try
        {
            return scenario.Kind switch
            {
                ScenarioKind.Slope => await SlopeAsync(measurement, scenario, serverUnderTest, cancellationToken),
                ScenarioKind.StoppedReader => await StoppedReaderAsync(measurement, scenario, serverUnderTest, cancellationToken),
                _ => await LoadAsync(measurement, scenario, serverUnderTest, cancellationToken),
            };
        }
        catch (CompareException exception)
        {
            return measurement with { Failure = exception.Message };
        }
    }

    private async Task<Measurement> LoadAsync(
        Measurement measurement, Scenario scenario, ServerUnderTest serverUnderTest, CancellationToken cancellationToken)
    {
        await using var server = await serverUnderTest.StartAsync(scenario, cancellationToken);
        var run = await RunAsync(server, scenario, null, cancellationToken);
        return measurement with { Runs = [run], Values = ValuesOf(run.Report, scenario) };
    }

    private async Task<Measurement> SlopeAsync(
        Measurement measurement, Scenario scenario, ServerUnderTest serverUnderTest, CancellationToken cancellationToken)
    {
        var few = await OnFreshAsync(scenario.Connections);
        var many = await OnFreshAsync(scenario.MoreConnections);
        var values = new Dictionary<Metric, double>();
        if (many.Report.Server?.RssKbConnected is { } more && few.Report.Server?.RssKbConnected is { } less)
        {
            values[Metric.MemoryPerConnection] = (more - less) / (scenario.MoreConnections - scenario.Connections);
        }

        return measurement with { Runs = [few, many], Values = values };

        async Task<LoadRun> OnFreshAsync(int connections)
        {
            await using var server = await serverUnderTest.StartAsync(scenario, cancellationToken);
            return await RunAsync(server, scenario, connections, cancellationToken);
        }
    }

    private async Task<Measurement> StoppedReaderAsync(
        Measurement measurement, Scenario scenario, ServerUnderTest serverUnderTest, CancellationToken cancellationToken)
    {
        await using var server = await serverUnderTest.StartAsync(scenario, cancellationToken);
        var before = await RunAsync(server, scenario, null, cancellationToken);
        using var reader = await StoppedReader.JoinAsync(server.Urls[0], cancellationToken);
        var after = await RunAsync(server, scenario, null, cancellationToken);
        var values = ValuesOf(before.Report, scenario);
        values[Metric.CutOff] = await reader.WasCutOffAsync(cancellationToken) ? 1 : 0;
        if (before.Report.LatencyMs?.P99 is > 0 and var first && after.Report.LatencyMs?.P99 is { } second)
        {
            values[Metric.LatencyAfterStop] = second / first;
        }

        if (before.Report.Server?.RssKbEnd is { } less && after.Report.Server?.RssKbEnd is { } more)
        {
            values[Metric.MemoryAfterStop] = (more - less) / 1024;
        }

        return measurement with { Runs = [before, after], Values = values };
    }

    private Task<LoadRun> RunAsync(RunningServer server, Scenario scenario, int? connections, CancellationToken cancellationToken)
    {
        var arguments = scenario.LoaderArguments(options.DurationSeconds, options.WarmupSeconds, connections);
        return loader.RunAsync(server, arguments, _duration, cancellationToken);
    }

    private static Dictionary<Metric, double> ValuesOf(LoadReport report, Scenario scenario)
    {
        var values = new Dictionary<Metric, double>();
        var isSignal = scenario.Load is "signal";
        double? messages = report.MessagesPerSecond > 0 ? report.MessagesPerSecond : null;
        Add(Metric.CpuPerDelivery, report.Server?.CpuUsPerDelivery);
        Add(Metric.CpuPerConnection, report.Server?.CpuUsPerConnection);
        Add(Metric.CpuPerSignal, report.Server?.CpuUsPerSignal);
        Add(Metric.CpuPerMessage, isSignal ? null : report.Server?.CpuSeconds * 1e6 / (messages * report.Seconds));
        Add(Metric.SignalsPerSecond, isSignal ? messages : null);
        Add(Metric.LatencyP50, report.LatencyMs?.P50);
        Add(Metric.LatencyP99, report.LatencyMs?.P99);
        Add(Metric.DeliveriesPerSecond, report.DeliveriesPerSecond > 0 ? report.DeliveriesPerSecond : null);
        Add(Metric.DeliveredShare, scenario.OfferedPerSecond > 0 ? report.DeliveriesPerSecond / scenario.OfferedPerSecond : null);
        return values;

        void Add(Metric metric, double? value)
        {
            if (value is { } known)
            {
                values[metric] = known;
            }
        }
    }
}
