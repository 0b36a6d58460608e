using Direct.Edge.Backplane;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Subscriptions;

/// <summary>Adds the services that subscribe this node to topics of the cluster.</summary>
internal static class SubscriptionServices
{
    public static IServiceCollection AddDirectSubscriptions(this IServiceCollection services) => services
        .AddDirectOptions<SubscriptionOptions>(SubscriptionOptions.SectionName)
        .AddDirectOptions<IdempotencyOptions>(IdempotencyOptions.SectionName)
        .AddSingleton<TopicSubscriptions>()
        .AddSingleton<IdempotencyCache>()
        .AddSingleton<ISignalSink, TopicFanOut>();
}
