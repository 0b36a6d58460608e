using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Connections;

/// <summary>Adds the services of WebSockets: their limits, their registry, and load shedding when memory is short.</summary>
internal static class ConnectionServices
{
    public static IServiceCollection AddDirectConnections(this IServiceCollection services)
    {
        services.AddSingleton<IConfigureOptions<ConnectionOptions>, UnjoinedBroadcastDefault>(); // before the settings, which override it
        services.AddDirectOptions<ConnectionOptions>(ConnectionOptions.SectionName);
        services.AddDirectOptions<LimitOptions>(LimitOptions.SectionName);
        services.TryAddSingleton(_ => FileDescriptorLimit.OfThisProcess());
        services.AddSingleton<EffectiveLimits>();
        services.AddSingleton(static provider => new Lazy<EffectiveLimits>(provider.GetRequiredService<EffectiveLimits>)); // for services that are created before the settings are checked
        services.AddSingleton<Admission>();
        services.AddSingleton<AllowedOrigins>();
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<BroadcastPublisher>();
        services.AddSingleton<Login>();
        services.AddSingleton<RoomJoin>();
        services.AddSingleton<LineHandler>();
        services.AddSingleton<CommandHandler>();
        services.AddSingleton<FrameHandler>();
        services.AddSingleton<ConnectionDependencies>();
        services.AddSingleton<ConnectionHub>();
        return services.AddHostedService<LoadShedding>();
    }
}
