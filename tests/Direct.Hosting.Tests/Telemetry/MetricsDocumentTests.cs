using Direct.Testing.Metrics;

namespace Direct.Hosting.Tests.Telemetry;

/// <summary>docs/reference/metrics.md says what <c>/metrics</c> calls things.</summary>
public sealed class MetricsDocumentTests
{
    [Fact]
    public void Families_OfTheTable_AreThoseOfThePage()
    {
        Assert.NotEmpty(MetricsDocument.All);
        Assert.Equal(
            MetricsDocument.All.Select(row => PrometheusName.Of(row.Instrument, row.Unit, isCounter: row.Kind == "counter")),
            MetricsDocument.All.Select(row => row.Family));
    }
}
