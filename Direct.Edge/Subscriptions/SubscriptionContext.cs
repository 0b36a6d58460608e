using Direct.Edge.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Subscriptions;

/// <summary>Holds what the subscriptions of one gateway share.</summary>
/// <param name="Calls">Calls the cluster.</param>
/// <param name="Wheel">Ends the linger of a topic that nobody holds.</param>
/// <param name="Options">Say how long that linger is.</param>
/// <param name="TimeProvider">Times the pause before a retry.</param>
/// <param name="Ended">Forgets a subscription that has ended. Called outside its lock, and perhaps again.</param>
internal sealed record SubscriptionContext(
    SubscriptionCalls Calls,
    DeadlineWheel Wheel,
    IOptions<SubscriptionOptions> Options,
    TimeProvider TimeProvider,
    Action<TopicSubscription> Ended);
