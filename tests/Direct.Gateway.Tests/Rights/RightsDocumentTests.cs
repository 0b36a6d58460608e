using Direct.Edge.Rights;
using Direct.Lookups;
using Direct.Testing.Metrics;

namespace Direct.Gateway.Tests.Rights;

public sealed class RightsDocumentTests
{
    [Fact]
    public void Metrics_Table_IsTheCodes()
    {
        using var meters = new TestMeters();
        using var metrics = new LookupMetrics(meters, RightsServices.Area);

        Assert.Equal(MetricsDocument.Of("rights"), MetricsDocument.Of(meters.Instruments));
    }
}
