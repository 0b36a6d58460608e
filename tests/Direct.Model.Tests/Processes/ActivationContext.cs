using System.Reflection;

namespace Direct.Model.Tests.Processes;

/// <summary>Implements the context of an activation, of which lane grains use only the services. It is a run-time proxy.</summary>
public class ActivationContext : DispatchProxy
{
    private IServiceProvider? _services;

    internal static IGrainContext Of(IServiceProvider services)
    {
        var context = Create<IGrainContext, ActivationContext>();
        ((ActivationContext)(object)context)._services = services;
        return context;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == $"get_{nameof(IGrainContext.ActivationServices)}" ? _services : throw new NotSupportedException(targetMethod.Name);
}
