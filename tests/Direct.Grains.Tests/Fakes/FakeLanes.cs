using System.Reflection;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Fakes;

/// <summary>
/// Implements the grains of all lanes, which answer as a test says, and their factory. Made at run time, because Orleans takes every class that
/// implements a grain's interface for one of its grains.
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
