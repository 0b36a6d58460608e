using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Transport.Loop;

/// <summary>Adds the direct transport.</summary>
internal static class LoopTransportServices
{
    /// <summary>
    /// Adds the direct transport. It must be called after the other transports, because Kestrel asks the listener factory that was added last first.
    /// </summary>
    public static IServiceCollection AddLoopTransport(this IServiceCollection services) => services
        .AddSingleton<AllowedHosts>()
        .AddSingleton<EventLoops>()
        .AddSingleton<LoopTransport>()
        .AddSingleton(static provider => new Lazy<LoopTransport>(provider.GetRequiredService<LoopTransport>)) // for services that are created before the settings are checked
        .AddSingleton<IConnectionListenerFactory, LoopListenerFactory>();
}
