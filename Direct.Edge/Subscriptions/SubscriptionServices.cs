using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Subscriptions;

/// <summary>Adds the services that subscribe this node to topics of the cluster.</summary>
internal static class SubscriptionServices
{
    public static IServiceCollection AddDirectSubscriptions(this IServiceCollection services)
    {
        services.AddOptions<KeepOptions>()
            .Configure<IOptions<IdempotencyOptions>>(static (keep, ids) => keep.RemembersIdsFor = ids.Value.IdempotencyWindow);
        return services
            .AddDirectOptions<SubscriptionOptions>(SubscriptionOptions.SectionName)
            .AddDirectOptions<IdempotencyOptions>(IdempotencyOptions.SectionName)
            .AddSingleton<TopicSubscriptions>()
            .AddSingleton<IdempotencyCache>()
            .AddSingleton<ISignalSink, TopicFanOut>();
    }
}
