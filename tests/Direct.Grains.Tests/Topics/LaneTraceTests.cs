using System.Diagnostics;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

public sealed class LaneTraceTests : IDisposable
{
    private readonly TestSpans _spans = new();
    private readonly LaneRouterFixture _lane = new();

    public void Dispose() => _spans.Dispose();

    [Fact]
    public async Task Publish_ASignalThatIsTraced_IsASpanAndGatewaysGetItAsTheirParent()
    {
        await _lane.StartPublish(Of(Signal(Room, 1), Signal(Room, 2) with { TraceParent = _spans.TraceParent }));

        var span = Assert.Single(_spans.Named("accept"));
        Assert.Equal((ActivityKind.Consumer, _spans.Caller), (span.Kind, span.ParentSpanId));
        Assert.Equal("direct.gateways=3 direct.target=room", TestSpans.Tags(span));
        Assert.All(new[] { _lane.A, _lane.B, _lane.C }, gateway =>
            Assert.Equal([null, span.Id], Assert.Single(gateway.Sent).Signals.Select(signal => signal.TraceParent)));
    }

    [Fact]
    public async Task Publish_WhereNobodyListens_PassesTheParentOn()
    {
        _spans.Dispose();

        await _lane.StartPublish(Of(Signal(Room, 1) with { TraceParent = _spans.TraceParent }));

        Assert.Equal(_spans.TraceParent, Assert.Single(_lane.A.Sent).Signals[0].TraceParent);
    }

    [Fact]
    public async Task Publish_ASignalThatIsNotTraced_IsTheSameBatchOnItsWay()
    {
        var batch = One(1);

        await _lane.StartPublish(batch);

        Assert.Same(batch, Assert.Single(_lane.A.Sent));
        Assert.Empty(_spans.Ended);
    }

    // The pump of a link starts within the turn and runs as long as it has deliveries, so a current span would become the parent of unrelated work.
    [Fact]
    public void Spans_OfABatch_AreNobodysCurrentOne()
    {
        using var outer = new Activity("outer").Start();
        var batch = Of(Signal(Room, 1) with { TraceParent = _spans.TraceParent });

        var spans = LaneTrace.Start(ref batch);
        var during = Activity.Current;
        LaneTrace.End(spans, 1);

        Assert.Single(_spans.Named("accept"));
        Assert.Equal((outer, outer), (during, Activity.Current));
    }
}
