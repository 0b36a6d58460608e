using Direct.Edge.Topics;

namespace Direct.Edge.Keeping;

/// <summary>Groups the kept topics of users as the lanes of a cluster do, so that those of one lane are found without a look at the others.</summary>
/// <remarks>Its lock is inside the gates of the topics: a topic is added and removed under its own.</remarks>
internal sealed class KeptUsers
{
    /// <summary>Specifies the number of lanes that share the users.</summary>
    public const int Partitions = 4096;

    private readonly Lock _gate = new();
    private readonly HashSet<KeptTopic>?[] _partitions = new HashSet<KeptTopic>?[Partitions];

    /// <summary>Gets the kept topics of one lane.</summary>
    /// <param name="partition">The number of the lane, which a silo has sent: there may be no such lane.</param>
    public KeptTopic[] this[long partition]
    {
        get
        {
            lock (_gate)
            {
                return Find(partition) is { } topics ? [.. topics] : [];
            }
        }
    }

    /// <summary>Returns whether any topic of a lane is kept.</summary>
    public bool HasAny(long partition)
    {
        lock (_gate)
        {
            return Find(partition) is not null;
        }
    }

    /// <summary>Adds a topic, if it is that of a user.</summary>
    public void Add(KeptTopic topic)
    {
        if (topic.Topic.Kind is TopicKind.User)
        {
            lock (_gate)
            {
                (_partitions[PartitionOf(topic)] ??= []).Add(topic);
            }
        }
    }

    /// <summary>Removes a topic, if it is there.</summary>
    public void Remove(KeptTopic topic)
    {
        if (topic.Topic.Kind is not TopicKind.User)
        {
            return;
        }

        lock (_gate)
        {
            ref var topics = ref _partitions[PartitionOf(topic)];
            if (topics is not null && topics.Remove(topic) && topics.Count == 0)
            {
                topics = null;
            }
        }
    }

    private static int PartitionOf(KeptTopic topic) => (int)((ulong)topic.Topic.Id % Partitions);

    private HashSet<KeptTopic>? Find(long partition) => partition is >= 0 and < Partitions ? _partitions[partition] : null;
}
