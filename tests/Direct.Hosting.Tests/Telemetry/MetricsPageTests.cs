using System.Diagnostics.Metrics;
using Direct.Testing.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Hosting.Tests.Telemetry;

public sealed class MetricsPageTests
{
    [Fact]
    public async Task Counter_WithTags_IsAFamilyWithALineForEachSetOfThem()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        var counter = telemetry.Meter.CreateCounter<long>($"{telemetry.Prefix}.signals", "{signal}", "Signals taken.");
        counter.Add(2, new KeyValuePair<string, object?>("status", 200));
        counter.Add(1, new KeyValuePair<string, object?>("status", 503));
        counter.Add(1, new KeyValuePair<string, object?>("status", 200));

        var name = $"{telemetry.Prefix}_signals_total";
        Assert.Equal(
            [$"# TYPE {name} counter", $"# HELP {name} Signals taken.", $$"""{{name}}{status="200"} 3""", $$"""{{name}}{status="503"} 1"""],
            await telemetry.LinesAsync(name));
    }

    [Fact]
    public async Task UpDownCounterAndGauge_OfLongsAndDoubles_AreGauges()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        var active = telemetry.Meter.CreateUpDownCounter<long>($"{telemetry.Prefix}.active", "{connection}");
        telemetry.Meter.CreateObservableGauge($"{telemetry.Prefix}.load", static () => 0.25, "1");
        telemetry.Meter.CreateObservableUpDownCounter($"{telemetry.Prefix}.level", static () => -2.5);
        telemetry.Meter.CreateObservableGauge($"{telemetry.Prefix}.size", static () => 7L, "By");
        active.Add(3);
        active.Add(-5);

        var page = await telemetry.ReadAsync();

        Assert.Equal(
            ("gauge", -2.0, 0.25, -2.5, 7.0),
            (page.Find($"{telemetry.Prefix}_active")!.Type, page.Sum($"{telemetry.Prefix}_active"), page.Sum($"{telemetry.Prefix}_load"),
                page.Sum($"{telemetry.Prefix}_level"), page.Sum($"{telemetry.Prefix}_size_bytes")));
    }

    [Fact]
    public async Task Histogram_WithAdvice_HasItsBucketsEachWithAllBelow()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        var histogram = telemetry.Meter.CreateHistogram<double>(
            $"{telemetry.Prefix}.duration", "s", "How long.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 1, 2.5] });
        var kind = new KeyValuePair<string, object?>("kind", "users");
        foreach (var value in (double[])[0.001, 0.005, 0.25, 2, 90])
        {
            histogram.Record(value, kind);
        }

        var name = $"{telemetry.Prefix}_duration_seconds";
        Assert.Equal(
            [
                $"# TYPE {name} histogram",
                $"# HELP {name} How long.",
                $$"""{{name}}_bucket{kind="users",le="0.005"} 2""",
                $$"""{{name}}_bucket{kind="users",le="1"} 3""",
                $$"""{{name}}_bucket{kind="users",le="2.5"} 4""",
                $$"""{{name}}_bucket{kind="users",le="+Inf"} 5""",
                $$"""{{name}}_sum{kind="users"} 92.256""",
                $$"""{{name}}_count{kind="users"} 5""",
            ],
            await telemetry.LinesAsync(name));
    }

    [Fact]
    public async Task Text_OfHelpAndLabels_IsEscapedAndComesBack()
    {
        const string Odd = "a \"b\" \\ c\nd é 🙂";
        await using var telemetry = await TestTelemetry.StartAsync();
        telemetry.Meter.CreateCounter<long>($"{telemetry.Prefix}.odd", null, Odd).Add(1, new KeyValuePair<string, object?>("odd.tag", Odd));

        var family = (await telemetry.ReadAsync()).Find($"{telemetry.Prefix}_odd_total")!;

        Assert.Equal((Odd, Odd), (family.Help, family.Samples[0].Labels["odd_tag"]));
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(1e300, "1E+300")]
    [InlineData(-0.1, "-0.1")]
    public async Task Value_OfAnyKind_IsWrittenAsTheFormatWantsIt(double value, string text)
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        telemetry.Meter.CreateObservableGauge($"{telemetry.Prefix}.value", () => value);

        Assert.Equal($"{telemetry.Prefix}_value{{}} {text}", (await telemetry.LinesAsync($"{telemetry.Prefix}_value"))[^1]);
    }

    [Fact]
    public async Task Tags_WhoseNamesBecomeOne_AreOneLabel()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        telemetry.Meter.CreateCounter<long>($"{telemetry.Prefix}.a").Add(
            1, new KeyValuePair<string, object?>("x.y", true), new KeyValuePair<string, object?>("x_y", null), new KeyValuePair<string, object?>("le", 1));

        Assert.Equal($$"""{{telemetry.Prefix}}_a_total{le="1",x_y="true;"} 1""", (await telemetry.LinesAsync($"{telemetry.Prefix}_a_total"))[^1]);
    }

    [Fact]
    public async Task Tag_NamedAsTheBound_IsLeftOut()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        telemetry.Meter.CreateHistogram<double>($"{telemetry.Prefix}.a").Record(1, new KeyValuePair<string, object?>("le", "x"));

        var samples = (await telemetry.ReadAsync()).Find($"{telemetry.Prefix}_a")!.Samples;

        Assert.All(samples, sample => Assert.DoesNotContain("x", sample.Labels.Values));
    }

    // Two instruments have the same name, and the name of a third becomes the same: the page has one family, with each series once.
    [Fact]
    public async Task Instruments_WhoseNamesBecomeOne_AreOneFamily()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        using var other = new Meter(telemetry.Meter.Name + ".Other");
        telemetry.Meter.CreateCounter<long>($"{telemetry.Prefix}.a").Add(1, new KeyValuePair<string, object?>("from", "first"));
        other.CreateCounter<long>($"{telemetry.Prefix}.a").Add(2, new KeyValuePair<string, object?>("from", "second"));
        other.CreateCounter<long>($"{telemetry.Prefix}-a").Add(4, new KeyValuePair<string, object?>("from", "third"));

        var page = await telemetry.ReadAsync();

        Assert.Equal(
            (1.0, 2.0, 4.0),
            (page.Sum($"{telemetry.Prefix}_a_total", "from=\"first\""), page.Sum($"{telemetry.Prefix}_a_total", "from=\"second\""), page.Sum($"{telemetry.Prefix}_a_total", "from=\"third\"")));
    }

    [Fact]
    public async Task Series_WithoutEnd_AreCountedTogetherPastTheirNumber()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        var counter = telemetry.Meter.CreateCounter<long>($"{telemetry.Prefix}.a");
        for (var i = 0; i < 1000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        var page = await telemetry.ReadAsync();

        Assert.InRange(page.Find($"{telemetry.Prefix}_a_total")!.Samples.Count, 1, 300);
        Assert.Equal(1000, page.Sum($"{telemetry.Prefix}_a_total"));
    }

    [Fact]
    public async Task Readers_AtOnce_EachGetAWholePage()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        var counter = telemetry.Meter.CreateCounter<long>($"{telemetry.Prefix}.a");
        counter.Add(1);

        var pages = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
        {
            counter.Add(1);
            return Task.Run(telemetry.ReadAsync);
        }));

        Assert.All(pages, page => Assert.InRange(page.Sum($"{telemetry.Prefix}_a_total") ?? 0, 1, 51));
        Assert.Equal(51, (await telemetry.ReadAsync()).Sum($"{telemetry.Prefix}_a_total"));
    }

    [Fact]
    public async Task Runtime_OfThisProcess_IsThere()
    {
        await using var telemetry = await TestTelemetry.StartAsync();

        var page = await telemetry.ReadAsync();

        Assert.True(page.Sum("dotnet_process_memory_working_set_bytes") > 0, string.Join('\n', page.Families.Select(family => family.Name)));
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("HEAD", 200)]
    [InlineData("POST", 405)]
    public async Task Handle_AMethod_IsAnsweredOrRefused(string method, int status)
    {
        await using var telemetry = await TestTelemetry.StartAsync();

        var (answered, type, body) = await RequestAsync(telemetry, method);

        Assert.Equal(status, answered);
        Assert.Equal(status == 200 ? "text/plain; version=0.0.4; charset=utf-8" : null, type);
        Assert.Equal(method == "GET", body.Length > 0);
    }

    [Fact]
    public async Task Handle_WhereTheSdkIsDisabled_SaysSo()
    {
        await using var telemetry = await TestTelemetry.StartAsync("OTEL_SDK_DISABLED=true");

        var (status, _, _) = await RequestAsync(telemetry, "GET");

        Assert.Equal(503, status);
    }

    [Fact]
    public async Task Handle_AfterTheEnd_SaysSo()
    {
        await using var telemetry = await TestTelemetry.StartAsync();
        await telemetry.StopAsync();

        var (status, _, _) = await RequestAsync(telemetry, "GET");

        Assert.Equal(503, status);
    }

    private static async Task<(int Status, string? Type, byte[] Body)> RequestAsync(TestTelemetry telemetry, string method)
    {
        var context = new DefaultHttpContext { Request = { Method = method } };
        using var body = new MemoryStream();
        context.Response.Body = body;
        await telemetry.Services.GetRequiredService<MetricsPage>().HandleAsync(context);
        await context.Response.CompleteAsync();
        if (method == "GET" && context.Response.StatusCode == 200)
        {
            Exposition.Parse(body.ToArray());
        }

        return (context.Response.StatusCode, context.Response.ContentType, body.ToArray());
    }
}
