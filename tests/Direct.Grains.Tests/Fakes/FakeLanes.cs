using System.Reflection;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Fakes;

/// <summary>
/// Implements the grains of all lanes, whose responses the test sets, and their factory. It is a run-time proxy, because Orleans registers every
/// class that implements a grain interface as a grain.
/// </summary>
public class FakeLanes : DispatchProxy
{
    private Func<SignalBatch, Task<PublishAnswer>> _publish = null!;

    internal static IGrainFactory Create(Func<SignalBatch, Task<PublishAnswer>> publish) => Create<IGrainFactory>(publish);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        nameof(IGrainFactory.GetGrain) => typeof(FakeLanes).GetMethod(nameof(Create), 1, BindingFlags.NonPublic | BindingFlags.Static, [_publish.GetType()])!
            .MakeGenericMethod(targetMethod.ReturnType).Invoke(null, [_publish]),
        nameof(ILaneGrain.PublishAsync) => new ValueTask<PublishAnswer>(_publish((SignalBatch)args![0]!)),
        _ => throw new NotSupportedException(targetMethod?.Name),
    };

    private static T Create<T>(Func<SignalBatch, Task<PublishAnswer>> publish)
        where T : class
    {
        var proxy = Create<T, FakeLanes>();
        ((FakeLanes)(object)proxy)._publish = publish;
        return proxy;
    }
}
