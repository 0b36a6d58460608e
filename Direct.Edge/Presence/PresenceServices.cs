using Direct.Edge.Backplane;
using Direct.Edge.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Presence;

/// <summary>Adds the endpoints that report who is connected, close connections and check rights again for a backend.</summary>
internal static class PresenceServices
{
    public static IServiceCollection AddDirectPresence(this IServiceCollection services) => services
        .AddSingleton<StatusReader>()
        .AddSingleton<IPresenceHandler, PresenceHandler>()
        .AddSingleton<PresenceQueries>()
        .AddSingleton<WatchReader>()
        .AddSingleton<RecheckRuns>()
        .AddSingleton<RecheckQueries>()
        .AddSingleton<ExplainAnswer>()
        .AddSingleton(static provider => new UserInfos(
            provider.GetRequiredService<SessionStoreInUse>().Store as IUserDirectory,
            provider.GetRequiredService<IOptions<SessionOptions>>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<UsersEndpoint>()
        .AddSingleton<CloseEndpoint>()
        .AddSingleton<RecheckEndpoint>()
        .AddSingleton<RightsEndpoint>()
        .AddSingleton<ClusterEndpoint>();
}
