using Direct.Grains.Gateways;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Asking the cluster, as the test says.</summary>
internal sealed class FakeQueryGrain : IGatewayQueryGrain
{
    /// <summary>The keys it was found by.</summary>
    public List<long> Keys { get; } = [];

    public Func<ConnectionQuestion, Task<AskAnswer>> OnAsk { get; set; } = static _ => Task.FromResult(new AskAnswer(AskOutcome.Answered, [], [], []));

    public ValueTask<AskAnswer> QueryAsync(ConnectionQuestion question) => new(OnAsk(question));
}
