using Direct.Grains.Gateways;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>What sends canaries, as the test says.</summary>
internal sealed class FakeCanaryGrain : ICanaryGrain
{
    /// <summary>The rounds that it was asked for.</summary>
    public List<(Guid Gateway, long Number)> Asked { get; } = [];

    public Func<Guid, long, Task<SentCanary[]>> OnSend { get; set; } = static (_, _) => Task.FromResult<SentCanary[]>([]);

    public ValueTask<SentCanary[]> SendAsync(Guid gateway, long number)
    {
        Asked.Add((gateway, number));
        return new(OnSend(gateway, number));
    }
}
