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
    private static readonly ConnectionQuery Count = new(ConnectionQueryKind.Count, 5, 7, 0, null, 0, 0, "");

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
    public async Task Query_AllAnswer_RepliesStandBesideTheirNames()
    {
        _a.OnQuery = _ => Response(3);
        _b.OnQuery = _ => Response(4);

        var answer = await _grain.QueryAsync(Count);

        Assert.Equal(QueryOutcome.Answered, answer.Outcome);
        Assert.Equal(["a", "b"], answer.Gateways);
        Assert.Empty(answer.Missing);
        Assert.Equal([3, 4], answer.Responses.Select(reply => reply.Connections));
    }

    [Fact]
    public async Task Query_OneDoesNotAnswer_IsMissingByName()
    {
        _a.OnQuery = static _ => Task.FromResult<ConnectionResponse?>(null);
        _b.OnQuery = _ => Response(4);

        var answer = await _grain.QueryAsync(Count);

        Assert.Equal(QueryOutcome.Answered, answer.Outcome);
        Assert.Equal(["b"], answer.Gateways);
        Assert.Equal(["a"], answer.Missing);
        Assert.Equal([4], answer.Responses.Select(reply => reply.Connections));
    }

    /// <summary>Tests that gateways are queried concurrently. In sequence, each hanging gateway would cost its whole timeout.</summary>
    [Fact]
    public async Task Query_Several_AreAskedAtTheSameTime()
    {
        var isBAsked = new TaskCompletionSource();
        _a.OnQuery = async _ =>
        {
            await isBAsked.Task;
            return (await Response(1))!;
        };
        _b.OnQuery = _ =>
        {
            isBAsked.SetResult();
            return Response(1);
        };

        var answer = await Deadline.RunAsync("both answer", token => new ValueTask<QueryAnswer>(_grain.QueryAsync(Count).AsTask().WaitAsync(token)));

        Assert.Equal(["a", "b"], answer.Gateways);
    }

    [Fact]
    public async Task Query_SiloIsFenced_AsksNobody()
    {
        _gateways.IsFenced = true;
        _a.OnQuery = _b.OnQuery = static _ => throw new InvalidOperationException("asked");

        Assert.Equal(QueryOutcome.NotReady, (await _grain.QueryAsync(Count)).Outcome);
    }

    /// <summary>Tests a silo that is fenced during a query. It may not know a gateway that registered meanwhile, so the result must not claim to be complete.</summary>
    [Fact]
    public async Task Query_SiloIsFencedMeanwhile_IsUnsure()
    {
        _a.OnQuery = _ =>
        {
            _gateways.IsFenced = true;
            return Response(3);
        };

        Assert.Equal(QueryOutcome.Unsure, (await _grain.QueryAsync(Count)).Outcome);
    }

    [Theory]
    [InlineData(ConnectionQueryKind.Rows, 1_000, 1_000)]
    [InlineData(ConnectionQueryKind.Rows, int.MaxValue, IGatewayQueryGrain.MaxRows / 2)]
    [InlineData(ConnectionQueryKind.Users, 50_000, 50_000)]
    [InlineData(ConnectionQueryKind.Users, int.MaxValue, IGatewayQueryGrain.MaxUsers / 2)]
    public async Task Query_Page_IsNoLargerThanAllTogetherMayAnswer(ConnectionQueryKind kind, int limit, int expected)
    {
        var limits = new List<int>();
        _a.OnQuery = _b.OnQuery = query =>
        {
            limits.Add(query.Limit);
            return Response(0);
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
        _a.OnQuery = _b.OnQuery = _ => Response(1);

        var answer = await _grain.QueryAsync(Count with { Kind = ConnectionQueryKind.Status });

        Assert.NotNull(answer.Silos);
        Assert.Equal(
            [new SiloFigures(current.ToString(), ProgramVersion.Text, "Active"), new SiloFigures(older.ToString(), null, "ShuttingDown")],
            answer.Silos.OrderBy(silo => silo.Version is null));
    }

    [Theory]
    [InlineData(ConnectionQueryKind.Watch)]
    [InlineData(ConnectionQueryKind.Recheck)]
    public async Task Query_UnknownToTheRelease_HasAnEmptyListOfSilos(ConnectionQueryKind kind)
    {
        _a.OnQuery = _b.OnQuery = _ => Response(1);

        Assert.Empty((await _grain.QueryAsync(Count with { Kind = kind })).Silos!);
    }

    [Fact]
    public async Task Ask_AnotherQuestion_HasNoSilos()
    {
        _a.OnQuery = _b.OnQuery = _ => Response(1);

        Assert.Null((await _grain.QueryAsync(Count)).Silos);
    }

    private static Task<ConnectionResponse?> Response(int connections) => Task.FromResult<ConnectionResponse?>(new ConnectionResponse(connections, [], [], false));
}
