using Microsoft.Extensions.Configuration;

namespace Direct.Hosting.Tests.Telemetry;

public sealed class OtlpSettingsTests
{
    [Theory]
    [InlineData("", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=https://c", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4317", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://c:4317", false, true)]
    [InlineData("OTEL_METRICS_EXPORTER=otlp", true, false)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", false, true)]
    [InlineData("OTEL_METRICS_EXPORTER=none OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", false, true)]
    [InlineData("OTEL_METRICS_EXPORTER=prometheus OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", false, true)]
    [InlineData("OTEL_METRICS_EXPORTER=prometheus,OTLP OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, true)]
    [InlineData("OTEL_TRACES_EXPORTER=zipkin OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, false)]
    [InlineData("OTEL_SDK_DISABLED=false OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, true)]
    [InlineData("OTEL_SDK_DISABLED=True OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_METRICS_EXPORTER=otlp", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=c:4317", false, false)]
    public void Exports_BySettings_IsWhatTheyAskFor(string settings, bool metrics, bool traces)
    {
        var read = Read(settings);

        Assert.Equal((metrics, traces), (read.ExportsMetrics, read.ExportsTraces));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=c:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is 'c:4317'; it must be a URL")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=/x", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is '/x'; it must be a URL")]
    [InlineData("OTEL_TRACES_EXPORTER=otlp,zipkin", "'zipkin' is not known here, it must be 'otlp' or 'none'")]
    [InlineData("OTEL_METRICS_EXPORTER=console", "OTEL_METRICS_EXPORTER is 'console'")]
    public void Errors_OfAValueThatMeansNothing_NameIt(string settings, string sentence)
    {
        Assert.Contains(sentence, Assert.Single(Read(settings).Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_METRICS_EXPORTER=prometheus OTEL_TRACES_EXPORTER=none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=")]
    public void Errors_OfValuesThatMeanSomething_AreNone(string settings)
    {
        Assert.Empty(Read(settings).Errors);
    }

    [Fact]
    public void For_OneSignal_ItsOwnValuesCome()
    {
        var read = Read("OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_TIMEOUT=1000 OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_TRACES_HEADERS=a=b");

        Assert.Equal(
            ("http/protobuf", "1000", null, "grpc", "1000", "a=b"),
            (read.ForMetrics["OTEL_EXPORTER_OTLP_PROTOCOL"], read.ForMetrics["OTEL_EXPORTER_OTLP_TIMEOUT"], read.ForMetrics["OTEL_EXPORTER_OTLP_HEADERS"],
                read.ForTraces["OTEL_EXPORTER_OTLP_PROTOCOL"], read.ForTraces["OTEL_EXPORTER_OTLP_TIMEOUT"], read.ForTraces["OTEL_EXPORTER_OTLP_HEADERS"]));
    }

    private static OtlpSettings Read(string settings) => new(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])))
        .Build());
}
