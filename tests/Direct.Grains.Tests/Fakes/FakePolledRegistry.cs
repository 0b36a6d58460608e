using System.Reflection;
using Direct.Grains.Gateways;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements the registry for silos that poll it, and its factory. It is a run-time proxy for the same reason as <see cref="FakeLanes"/>.</summary>
public class FakePolledRegistry : DispatchProxy
{
    private Func<Task<PollAnswer>> _poll = null!;

    internal static IGrainFactory Create(Func<Task<PollAnswer>> poll) => Create<IGrainFactory>(poll);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        nameof(IGrainFactory.GetGrain) => Create<IGatewayRegistryGrain>(_poll),
        nameof(IGatewayRegistryGrain.PollAsync) => new ValueTask<PollAnswer>(_poll()),
        _ => throw new NotSupportedException(targetMethod?.Name),
    };

    private static T Create<T>(Func<Task<PollAnswer>> poll)
        where T : class
    {
        var proxy = Create<T, FakePolledRegistry>();
        ((FakePolledRegistry)(object)proxy)._poll = poll;
        return proxy;
    }
}
