using System.Text;
using Direct.Edge.BackendApi;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Edge.Presence;
using Direct.Edge.Rights;
using Direct.Edge.Signals;
using Direct.Edge.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Presence;

/// <summary>Provides the endpoints that query the cluster, with a fake backplane whose responses the test sets.</summary>
internal sealed class PresenceFixture : IDisposable
{
    private readonly SignalAccess _access;

    public PresenceFixture(params IUserDirectory[] directories)
        : this(new FakeRightsSource(), directories)
    {
    }

    /// <param name="rights">The source of rights; null if they are not checked.</param>
    /// <param name="directories">The last one is used.</param>
    public PresenceFixture(IRightsSource? rights, params IUserDirectory[] directories)
    {
        var signals = Options.Create(Gateway.Signals);
        _access = Gateway.NewSignalAccess();
        var queries = new PresenceQueries(Backplane, signals, Gateway.Clock);
        var infos = new UserInfos(directories.LastOrDefault(), Options.Create(Gateway.Sessions), Gateway.Clock);
        Users = new UsersEndpoint(queries, infos, _access, Gate, Gateway.Metrics, Gateway.Clock, Gateway.Logger.For<UsersEndpoint>());
        Closings = new CloseEndpoint(queries, signals, _access, Gate, Gateway.Queues, Gateway.Metrics, Gateway.Clock, Gateway.Logger.For<CloseEndpoint>());
        var roomRights = Gateway.NewRights(rights);
        Rechecks = new RecheckEndpoint(
            new RecheckQueries(queries, Gateway.Clock), queries, roomRights, signals, _access, Gate, Gateway.Queues, Gateway.Metrics, Gateway.Clock,
            Gateway.Logger.For<RecheckEndpoint>());
        Rights = new RightsEndpoint(roomRights, _access, Gate, Gateway.Metrics, Gateway.Clock, Gateway.Logger.For<RightsEndpoint>());
        Cluster = new ClusterEndpoint(queries, Backplane, Gateway.PresenceHandler, _access, Gate, Gateway.Metrics, Gateway.Clock, Gateway.Logger.For<ClusterEndpoint>());
        Signals = new SignalEndpoint(
            new SignalPublisher(Backplane, signals, Gateway.Queues, Gateway.Clock), new SignalOutcomes(signals, Options.Create(Gateway.Idempotency), Gateway.Queues),
            new ExplainAnswer(queries), signals, _access, Gate, Gateway.Queues, Gateway.Metrics, Gateway.Clock,
            Gateway.Logger.For<SignalEndpoint>());
    }

    public TestGateway Gateway { get; } = new();

    public NodeGate Gate { get; } = new();

    public FaultyBackplane Backplane { get; } = new() { OnPublish = static _ => throw new InvalidOperationException("published") };

    public UsersEndpoint Users { get; }

    public CloseEndpoint Closings { get; }

    public RecheckEndpoint Rechecks { get; }

    public RightsEndpoint Rights { get; }

    public ClusterEndpoint Cluster { get; }

    public SignalEndpoint Signals { get; }

    public static async Task<(int Status, string Body, HttpResponse Response)> CallAsync(
        BackendEndpoint endpoint, string query, string method = "GET", string? contentType = null, string body = "")
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.QueryString = new QueryString(query);
        context.Request.ContentType = contentType;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        await endpoint.HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(answer.ToArray()), context.Response);
    }

    /// <summary>Moves the clock until the call has completed.</summary>
    public async Task<T> RunAsync<T>(Task<T> calling)
    {
        await Testing.Time.Deadline.UntilAsync("the call is answered", () =>
        {
            Gateway.Clock.Advance(TimeSpan.FromMilliseconds(50));
            return calling.IsCompleted;
        });
        return await calling;
    }

    public void Dispose() => Gateway.Dispose();
}
