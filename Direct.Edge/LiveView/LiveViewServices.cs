using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.LiveView;

/// <summary>Adds the live view of connections.</summary>
internal static class LiveViewServices
{
    public static IServiceCollection AddDirectLiveView(this IServiceCollection services) => services.AddSingleton<WatchEndpoint>();
}
