using System.Reflection;
using Direct.Grains.Gateways;

namespace Direct.Grains.Tests.Fakes;

/// <summary>
/// The canary lanes of all silos, which answer as a test says, and their factory. Made at run time, because Orleans takes every class that
/// implements a grain's interface for one of its grains.
/// </summary>
public class FakeCanaryLanes : DispatchProxy
{
    private Func<string, Task<bool>> _send = null!;
    private string _silo = "";

    /// <param name="send">Sends a canary through the silo with this address.</param>
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
