using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Signals;

/// <summary>Adds the services that accept signals of backends.</summary>
internal static class SignalServices
{
    public static IServiceCollection AddDirectSignals(this IServiceCollection services) => services
        .AddSingleton<SignalPublisher>()
        .AddSingleton<SignalOutcomes>()
        .AddSingleton<SignalEndpoint>();
}
