namespace Direct.Edge.Subscriptions;

/// <summary>Specifies how far one topic is subscribed. <see cref="TopicSubscription"/> shows the transitions between the states.</summary>
internal enum SubscriptionState : byte
{
    /// <summary>The cluster does not know of the subscription.</summary>
    Idle,

    /// <summary>A task calls the cluster, or waits before it tries again.</summary>
    Subscribing,

    /// <summary>The topic has no holder, and a subscribe call has failed; the cluster may have received it nevertheless.</summary>
    Unconfirmed,

    /// <summary>The cluster has confirmed the subscription.</summary>
    Subscribed,

    /// <summary>A task calls the cluster to unsubscribe.</summary>
    Unsubscribing,

    /// <summary>The subscription is not used any more. The next holder creates a new one.</summary>
    Ended,
}
