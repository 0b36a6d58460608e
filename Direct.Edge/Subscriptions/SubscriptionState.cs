namespace Direct.Edge.Subscriptions;

/// <summary>Says how far one topic is subscribed. <see cref="TopicSubscription"/> draws what leads from one state to the next.</summary>
internal enum SubscriptionState : byte
{
    /// <summary>The cluster has not been told of the topic, or it has been told to stop.</summary>
    Idle,

    /// <summary>A task calls the cluster, or waits before it tries again.</summary>
    Subscribing,

    /// <summary>Nobody holds the topic and a subscribe has seemed to fail: the cluster may have got it all the same.</summary>
    Unconfirmed,

    /// <summary>The cluster has confirmed the subscription.</summary>
    Subscribed,

    /// <summary>A task tells the cluster to stop.</summary>
    Unsubscribing,

    /// <summary>The object is used no more. The next holder gets a new one.</summary>
    Ended,
}
