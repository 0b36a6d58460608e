using Direct.Grains.Gateways;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Asking the cluster, as the test says.</summary>
internal sealed class FakeQueryGrain : IGatewayQueryGrain
{
    /// <summary>Gets the queries.</summary>
    public List<ConnectionQuery> Queries { get; } = [];

    public Func<ConnectionQuery, Task<QueryAnswer>> OnQuery { get; set; } = static _ => Task.FromResult(new QueryAnswer(QueryOutcome.Answered, [], [], []));

    public ValueTask<QueryAnswer> QueryAsync(ConnectionQuery query)
    {
        Queries.Add(query);
        return new(OnQuery(query));
    }
}
