using Direct.Edge.Topics;

namespace Direct.Edge.Keeping;

/// <summary>Connects the kept topics of a keeper with the leaders of their logs. It is called without a lock of a topic.</summary>
internal interface ILogLeader
{
    /// <summary>Brings the subscription of a topic in step, because the topic is kept from now on, or no longer.</summary>
    void Follow(Topic topic);

    TimeProvider TimeProvider { get; }

    /// <summary>Subscribes to a topic with keep again, because what is kept here does not fit to what its leader sends.</summary>
    void Reopen(Topic topic);

    /// <summary>Asks for messages of a log, which are then given to <see cref="FollowedTopic.Extend"/>. Returns false if there was no answer; it never fails.</summary>
    Task<bool> TryFetchAsync(FollowedTopic topic, LogRange range);
}
