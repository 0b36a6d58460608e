using System.Reflection;
using Direct.Grains.Gateways;

namespace Direct.Grains.Tests.Fakes;

/// <summary>
/// Implements the canary lane grains of all silos, whose responses the test sets, and their factory. It is a run-time proxy, because Orleans
/// registers every class that implements a grain interface as a grain.
/// </summary>
public class FakeCanaryLanes : DispatchProxy
{
    private Func<string, Task<bool>> _send = null!;
    private string _silo = "";

    /// <param name="send">The function that sends a canary through the silo with this address.</param>
    internal static IGrainFactory Create(Func<string, Task<bool>> send) => Create<IGrainFactory>(send, "");

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        nameof(IGrainFactory.GetGrain) => Create<ICanaryLaneGrain>(_send, (string)args![0]!),
        nameof(ICanaryLaneGrain.SendAsync) => new ValueTask<bool>(_send(_silo)),
        _ => throw new NotSupportedException(targetMethod?.Name),
    };

    private static T Create<T>(Func<string, Task<bool>> send, string silo)
        where T : class
    {
        var proxy = Create<T, FakeCanaryLanes>();
        ((FakeCanaryLanes)(object)proxy)._send = send;
        ((FakeCanaryLanes)(object)proxy)._silo = silo;
        return proxy;
    }
}
