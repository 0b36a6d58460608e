using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Members;
using Direct.Grains.Queries;
using Direct.Grains.Tests.Fakes;
using Direct.Startup;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Queries;

public sealed class GatewayQueryGrainTests
{
    private static readonly ConnectionQuestion Count = new(ConnectionQuestionKind.Count, 5, 7, 0, null, 0, 0, "");

    private readonly FakeLink _a = new("a");
    private readonly FakeLink _b = new("b");
    private readonly FakeMembership _membership = new();
    private readonly FakeManifests _manifests = new();
    private readonly FakeLiveGateways _gateways;
    private readonly GatewayQueryGrain _grain;

    public GatewayQueryGrainTests()
    {
        _gateways = new FakeLiveGateways(_a, _b);
        _grain = new GatewayQueryGrain(_gateways, new SiloMembers(_membership, _manifests));
    }

    [Fact]
    public async Task Ask_AllAnswer_RepliesStandBesideTheirNames()
    {
        _a.OnAsk = _ => Reply(3);
        _b.OnAsk = _ => Reply(4);

        var answer = await _grain.QueryAsync(Count);

        Assert.Equal(AskOutcome.Answered, answer.Outcome);
        Assert.Equal(["a", "b"], answer.Gateways);
        Assert.Empty(answer.Missing);
        Assert.Equal([3, 4], answer.Replies.Select(reply => reply.Connections));
    }

    [Fact]
    public async Task Ask_OneDoesNotAnswer_IsMissingByName()
    {
        _a.OnAsk = static _ => Task.FromResult<ConnectionReply?>(null);
        _b.OnAsk = _ => Reply(4);

        var answer = await _grain.QueryAsync(Count);

        Assert.Equal(AskOutcome.Answered, answer.Outcome);
        Assert.Equal(["b"], answer.Gateways);
        Assert.Equal(["a"], answer.Missing);
        Assert.Equal([4], answer.Replies.Select(reply => reply.Connections));
    }

    /// <summary>One after the other, each gateway that hangs would cost its whole time limit.</summary>
    [Fact]
    public async Task Ask_Several_AreAskedAtTheSameTime()
    {
        var isBAsked = new TaskCompletionSource();
        _a.OnAsk = async _ =>
        {
            await isBAsked.Task;
            return (await Reply(1))!;
        };
        _b.OnAsk = _ =>
        {
            isBAsked.SetResult();
            return Reply(1);
        };

        var answer = await Deadline.RunAsync("both answer", token => new ValueTask<AskAnswer>(_grain.QueryAsync(Count).AsTask().WaitAsync(token)));

        Assert.Equal(["a", "b"], answer.Gateways);
    }

    [Fact]
    public async Task Ask_NoGateways_IsAnswered()
    {
        _gateways.All.Clear();

        var answer = await _grain.QueryAsync(Count);

        Assert.Equal((AskOutcome.Answered, 0, 0), (answer.Outcome, answer.Gateways.Length, answer.Missing.Length));
    }

    [Fact]
    public async Task Ask_SiloIsFenced_AsksNobody()
    {
        _gateways.IsFenced = true;
        _a.OnAsk = _b.OnAsk = static _ => throw new InvalidOperationException("asked");

        Assert.Equal(AskOutcome.NotReady, (await _grain.QueryAsync(Count)).Outcome);
    }

    /// <summary>A silo that was cut off while gateways answered may have missed one that came in the meantime: "all" would be a lie.</summary>
    [Fact]
    public async Task Ask_SiloIsFencedMeanwhile_IsUnsure()
    {
        _a.OnAsk = _ =>
        {
            _gateways.IsFenced = true;
            return Reply(3);
        };

        Assert.Equal(AskOutcome.Unsure, (await _grain.QueryAsync(Count)).Outcome);
    }

    [Theory]
    [InlineData(ConnectionQuestionKind.Rows, 1_000, 1_000)]
    [InlineData(ConnectionQuestionKind.Rows, int.MaxValue, IGatewayQueryGrain.MaxRows / 2)]
    [InlineData(ConnectionQuestionKind.Users, 50_000, 50_000)]
    [InlineData(ConnectionQuestionKind.Users, int.MaxValue, IGatewayQueryGrain.MaxUsers / 2)]
    public async Task Ask_Page_IsNoLargerThanAllTogetherMayAnswer(ConnectionQuestionKind kind, int limit, int expected)
    {
        var limits = new List<int>();
        _a.OnAsk = _b.OnAsk = question =>
        {
            limits.Add(question.Limit);
            return Reply(0);
        };

        await _grain.QueryAsync(Count with { Kind = kind, Limit = limit });

        Assert.Equal([expected, expected], limits);
    }

    [Fact]
    public async Task Ask_Status_HasTheSilosThatAreMembersAndTheirVersions()
    {
        SiloAddress current = SiloAddress.New(new(IPAddress.Loopback, 1), 1), older = SiloAddress.New(new(IPAddress.Loopback, 2), 2);
        _membership.Set(current, SiloStatus.Active);
        _membership.Set(older, SiloStatus.ShuttingDown);
        _membership.Set(SiloAddress.New(new(IPAddress.Loopback, 3), 3), SiloStatus.Dead);
        _manifests.Set(current, [new SiloVersionProperty()]);
        _manifests.Set(older, []);
        _a.OnAsk = _b.OnAsk = _ => Reply(1);

        var answer = await _grain.QueryAsync(Count with { Kind = ConnectionQuestionKind.Status });

        Assert.NotNull(answer.Silos);
        Assert.Equal(
            [new SiloFigures(current.ToString(), ProgramVersion.Text, "Active"), new SiloFigures(older.ToString(), null, "ShuttingDown")],
            answer.Silos.OrderBy(silo => silo.Version is null));
    }

    [Fact]
    public async Task Ask_AnotherQuestion_HasNoSilos()
    {
        _a.OnAsk = _b.OnAsk = _ => Reply(1);

        Assert.Null((await _grain.QueryAsync(Count)).Silos);
    }

    private static Task<ConnectionReply?> Reply(int connections) => Task.FromResult<ConnectionReply?>(new ConnectionReply(connections, [], [], false));
}
