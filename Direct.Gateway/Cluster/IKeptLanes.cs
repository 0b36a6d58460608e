using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <summary>Provides what this gateway keeps, by lane, to silos that recover a lane.</summary>
internal interface IKeptLanes
{
    /// <summary>Returns whether any topic of a lane is kept, also one whose log is not known yet.</summary>
    bool HasRings(Lane lane);

    /// <summary>Returns the kept topics of a lane in the order of scope, id and channel id. Topics whose log is not known are left out. The caller holds the lock of the lane.</summary>
    /// <param name="request">The lane, and where the page begins.</param>
    /// <param name="maxBytes">The bytes after which the page ends. At least one topic is in it, perhaps with a part of its headers.</param>
    /// <param name="hasMore">Whether there are more topics, or headers of the last one.</param>
    KeptTopicReport[] Report(RecoverRequest request, int maxBytes, out bool hasMore);

    /// <summary>Returns messages of a kept topic.</summary>
    TailPage Read(FetchRequest request);

    /// <summary>
    /// Installs the log of a topic, and fetches what is missing before its head. If it is requested, keeps the topic without a connection from now on. Returns false if
    /// the topic is not kept. The caller holds the lock of the lane.
    /// </summary>
    bool Keep(KeepRequest request);
}
