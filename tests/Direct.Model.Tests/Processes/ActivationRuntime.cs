using System.Reflection;
using Direct.Grains.Topics;
using Orleans.Core;
using Orleans.Timers;

namespace Direct.Model.Tests.Processes;

/// <summary>Represents what Orleans is to one activation: its timers, and the way in which it ends itself.</summary>
internal sealed class ActivationRuntime : IGrainRuntime, ITimerRegistry, IServiceProvider
{
    private static readonly FieldInfo[] Fields = typeof(Grain).GetFields(BindingFlags.Instance | BindingFlags.NonPublic);

    private readonly Activation _activation;

    private ActivationRuntime(Activation activation) => _activation = activation;

    public string SiloIdentity => _activation.Silo.Process.Name;

    public SiloAddress SiloAddress => throw new NotSupportedException();

    public IGrainFactory GrainFactory => throw new NotSupportedException();

    public ITimerRegistry TimerRegistry => this;

    public IServiceProvider ServiceProvider => this;

    public TimeProvider TimeProvider => _activation.Silo.Process.Clock;

    /// <summary>Connects a grain with its activation.</summary>
    public static void Attach(LaneGrain grain, Activation activation)
    {
        var runtime = new ActivationRuntime(activation);
        Array.Find(Fields, static field => field.FieldType == typeof(IGrainContext))!.SetValue(grain, ActivationContext.Of(runtime));
        Array.Find(Fields, static field => field.FieldType == typeof(IGrainRuntime))!.SetValue(grain, runtime);
    }

    public object? GetService(Type serviceType) => serviceType.IsInstanceOfType(this) ? this : null;

    public void DeactivateOnIdle(IGrainContext grainContext) => _activation.EndSoon();

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan)
    {
        // The model collects no idle activations.
    }

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext) => throw new NotSupportedException();

    public IDisposable RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException();

    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) =>
        new GrainTimer(TimeProvider.CreateTimer(_ => Tick(() => callback(state, CancellationToken.None)), null, options.DueTime, options.Period));

    private void Tick(Func<Task> callback)
    {
        if (!_activation.IsEnded)
        {
            _ = callback();
        }
    }

    private sealed class GrainTimer(ITimer timer) : IGrainTimer
    {
        public void Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose() => timer.Dispose();
    }
}
