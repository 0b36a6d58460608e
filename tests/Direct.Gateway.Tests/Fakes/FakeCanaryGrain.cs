using Direct.Grains.Gateways;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a canary grain whose responses the test sets.</summary>
internal sealed class FakeCanaryGrain : ICanaryGrain
{
    /// <summary>Gets the recorded canary rounds.</summary>
    public List<(Guid Gateway, long Number)> Asked { get; } = [];

    public Func<Guid, long, Task<SentCanary[]>> OnSend { get; set; } = static (_, _) => Task.FromResult<SentCanary[]>([]);

    public ValueTask<SentCanary[]> SendAsync(Guid gateway, long number)
    {
        Asked.Add((gateway, number));
        return new(OnSend(gateway, number));
    }
}
