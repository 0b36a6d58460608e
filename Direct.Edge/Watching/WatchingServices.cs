using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Watching;

/// <summary>Adds what records events for live views.</summary>
internal static class WatchingServices
{
    public static IServiceCollection AddDirectWatching(this IServiceCollection services) => services
        .AddDirectOptions<WatchOptions>(WatchOptions.SectionName)
        .AddSingleton<WatchRecorder>();
}
