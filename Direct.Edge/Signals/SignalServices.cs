using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Signals;

/// <summary>Adds what takes signals of backends.</summary>
internal static class SignalServices
{
    public static IServiceCollection AddDirectSignals(this IServiceCollection services) => services
        .AddSingleton<SignalPublisher>()
        .AddSingleton<SignalOutcomes>()
        .AddSingleton<SignalEndpoint>();
}
