using Direct.Grains.Gateways;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a query grain whose responses the test sets.</summary>
internal sealed class FakeQueryGrain : IGatewayQueryGrain
{
    /// <summary>Gets the recorded queries.</summary>
    public List<ConnectionQuery> Queries { get; } = [];

    public Func<ConnectionQuery, Task<QueryAnswer>> OnQuery { get; set; } = static _ => Task.FromResult(new QueryAnswer(QueryOutcome.Answered, [], [], []));

    public ValueTask<QueryAnswer> QueryAsync(ConnectionQuery query)
    {
        Queries.Add(query);
        return new(OnQuery(query));
    }
}
