using Direct.Edge.Keeping;
using Direct.Edge.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Subscriptions;

/// <summary>Holds the services that the subscriptions of one gateway share.</summary>
/// <param name="Calls">Calls the cluster.</param>
/// <param name="Wheel">Ends the linger of a topic without holders.</param>
/// <param name="Options">Specify how long that linger is.</param>
/// <param name="TimeProvider">Times the pause before a retry.</param>
/// <param name="Kept">The topics that are kept, which are subscribed with keep.</param>
/// <param name="Ended">Removes a subscription that has ended. It is called outside its lock, possibly more than once.</param>
internal sealed record SubscriptionContext(
    SubscriptionCalls Calls,
    DeadlineWheel Wheel,
    IOptions<SubscriptionOptions> Options,
    TimeProvider TimeProvider,
    KeptTopics? Kept,
    Action<TopicSubscription> Ended);
