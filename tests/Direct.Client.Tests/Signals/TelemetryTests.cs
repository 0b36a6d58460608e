using System.Diagnostics;
using Direct.Client.Tests.Fakes;
using Direct.Testing;

namespace Direct.Client.Tests.Signals;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Metrics_OfACallWithTwoTries_CountBothAndTheWholeDuration()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(503, "", retryAfterSeconds: 3), ScriptedHandler.Accepted);

        await test.EndAsync(test.Signals.SignalAsync(DirectPart.Everyone, "hello", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((1, 1), (test.Meters.Sum("direct.client.call.tries", "operation=signal,status=503"), test.Meters.Sum("direct.client.call.tries", "operation=signal,status=200")));
        Assert.Equal(3, test.Meters.Sum("direct.client.call.duration", "operation=signal,status=200"));
        Assert.Single(test.Meters.Measurements, measurement => measurement.Instrument == "direct.client.call.duration");
    }

    [Fact]
    public async Task Metrics_OfACallWithoutAnAnswer_HaveNoStatus()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Broken);

        await Assert.ThrowsAsync<DirectException>(() => test.EndAsync(test.Signals.CountAsync(DirectPart.Everyone, TestContext.Current.CancellationToken)));

        Assert.Equal(test.Requests.Count, test.Meters.Sum("direct.client.call.tries", "operation=count,status=none"));
    }

    [Fact]
    public async Task Logs_OfAFailedCall_NameItsIdButNeitherKeyNorMessage()
    {
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(503, ""));

        await Assert.ThrowsAsync<DirectException>(() => test.EndAsync(test.Signals.SignalAsync(DirectPart.Everyone, "a secret", "order-1", TestContext.Current.CancellationToken)));

        Assert.Contains(test.Logger.Entries, entry => entry.StartsWith("Error: signal order-1 was given up", StringComparison.Ordinal));
        Assert.Contains(test.Logger.Entries, entry => entry.StartsWith("Warning: signal order-1 failed at b.example:8085 with status 503", StringComparison.Ordinal));
        LogLines.AssertNone(test.Logger.Entries, entry => entry.Contains("secret", StringComparison.Ordinal) || entry.Contains(SignalsUnderTest.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Span_OfARefusedCall_HasTheStatusAndIsAnError()
    {
        var spans = new List<Activity>();
        using var parent = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Direct.Client",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.TraceId == parent.TraceId)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var test = new SignalsUnderTest(ScriptedHandler.Answer(401, """{"detail":"No key."}"""));

        await Assert.ThrowsAsync<DirectException>(() => test.Signals.SignalAsync(DirectPart.Everyone, "hello", cancellationToken: TestContext.Current.CancellationToken));

        var span = Assert.Single(spans);
        Assert.Equal(("direct signal", ActivityStatusCode.Error, 401, 1), (span.OperationName, span.Status, span.GetTagItem("direct.status"), span.GetTagItem("direct.tries")));
    }
}
