using Direct.Testing.Metrics;

namespace Direct.Hosting.Tests.Telemetry;

/// <summary>Tests that the names in docs/reference/metrics.md match those at <c>/metrics</c>.</summary>
public sealed class MetricsDocumentTests
{
    [Fact]
    public async Task Families_OfTheTable_AreThoseOfThePage()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        foreach (var (instrument, _, kind, unit, _) in MetricsDocument.All)
        {
            switch (kind)
            {
                case "counter":
                    telemetry.Meter.CreateCounter<long>(instrument, unit).Add(1);
                    break;
                case "histogram":
                    telemetry.Meter.CreateHistogram<double>(instrument, unit).Record(1);
                    break;
                default:
                    telemetry.Meter.CreateUpDownCounter<long>(instrument, unit).Add(1);
                    break;
            }
        }

        var page = await telemetry.ReadAsync();

        Assert.NotEmpty(MetricsDocument.All);
        Assert.All(MetricsDocument.All, row => Assert.Equal(
            row.Kind is "counter" or "histogram" ? row.Kind : "gauge", page.Find(row.Family)?.Type));
    }
}
