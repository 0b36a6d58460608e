using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Transport.Loop;

/// <summary>Adds the direct transport.</summary>
internal static class LoopTransportServices
{
    /// <summary>Must be called after the other transports: Kestrel asks the listener factory that was added last first.</summary>
    public static IServiceCollection AddLoopTransport(this IServiceCollection services) => services
        .AddSingleton<AllowedHosts>()
        .AddSingleton<EventLoops>()
        .AddSingleton<LoopTransport>()
        .AddSingleton(static provider => new Lazy<LoopTransport>(provider.GetRequiredService<LoopTransport>)) // for what is made before the settings are checked
        .AddSingleton<IConnectionListenerFactory, LoopListenerFactory>();
}
