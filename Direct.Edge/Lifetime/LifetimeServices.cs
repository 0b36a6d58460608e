using Direct.Edge.Node;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Lifetime;

/// <summary>Adds the services that end connections and the node.</summary>
internal static class LifetimeServices
{
    public static IServiceCollection AddDirectLifetime(this IServiceCollection services) => services
        .AddDirectOptions<DrainOptions>(DrainOptions.SectionName)
        .AddSingleton<INodeFence, NodeFence>()
        .AddHostedService<DrainService>()
        .AddHostedService<SessionRecheck>()
        .AddSingleton<MembershipRecheck>()
        .AddHostedService(static provider => provider.GetRequiredService<MembershipRecheck>())
        .AddSingleton<IConfigureOptions<HostOptions>, ShutdownTimeout>();
}
