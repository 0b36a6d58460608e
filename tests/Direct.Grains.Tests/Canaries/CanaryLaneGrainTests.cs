using System.Net;
using System.Text;
using Direct.Grains.Canaries;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Canaries;

public sealed class CanaryLaneGrainTests
{
    private readonly FakeLink _a = new("a");
    private readonly FakeLink _b = new("b");
    private readonly FakeLiveGateways _gateways;
    private readonly CanaryLaneGrain _grain;

    public CanaryLaneGrainTests()
    {
        _gateways = new FakeLiveGateways(_a, _b);
        _grain = new CanaryLaneGrain(_gateways, new Silo());
    }

    [Fact]
    public async Task Canary_ToALiveGateway_IsPutIntoItsLinkAlone()
    {
        Assert.True(await _grain.SendAsync(_a.Id, 7));

        var batch = Assert.Single(_a.Sent);
        Assert.Equal((_a.Id, new Lane(TopicScope.Canary, 7, 0)), (batch.Publisher, batch.Lane));
        var canary = Assert.Single(batch.Signals);
        Assert.Equal((7L, "silo-1"), (canary.Sequence, Encoding.UTF8.GetString(canary.Payload)));
        Assert.Empty(_b.Sent);
    }

    [Fact]
    public async Task Canary_OnAFencedSiloOrToAnUnknownGateway_IsNotSent()
    {
        Assert.False(await _grain.SendAsync(Guid.NewGuid(), 1));
        _gateways.IsFenced = true;

        Assert.False(await _grain.SendAsync(_a.Id, 1));
        Assert.Empty(_a.Sent);
    }

    /// <summary>Tests that no canary is sent while the last one is unanswered. The link repeats it until it is answered, so further ones would pile up.</summary>
    [Fact]
    public async Task Canary_WhileTheLastIsUnanswered_IsNotSent()
    {
        _a.AnswersAtOnce = false;
        await _grain.SendAsync(_a.Id, 1);

        Assert.False(await _grain.SendAsync(_a.Id, 2));
        Assert.True(await _grain.SendAsync(_b.Id, 2));
        _a.Answer();

        Assert.True(await _grain.SendAsync(_a.Id, 3));
        Assert.Equal([1L, 3L], _a.Sent.Select(batch => batch.Signals[0].Sequence));
    }

    [Fact]
    public async Task Canary_GatewayHasLeft_IsAbandonedAndTheNextIsSent()
    {
        _a.IsClosed = true;
        await _grain.SendAsync(_a.Id, 1);

        Assert.True(await _grain.SendAsync(_a.Id, 2));
    }

    private sealed class Silo : ILocalSiloDetails
    {
        public string Name => "silo-1";

        public string ClusterId => "c";

        public string DnsHostName => "";

        public SiloAddress SiloAddress { get; } = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);

        public SiloAddress GatewayAddress => SiloAddress;
    }
}
