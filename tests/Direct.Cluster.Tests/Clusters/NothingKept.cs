using Direct.Gateway.Cluster;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Represents a gateway that keeps nothing.</summary>
internal sealed class NothingKept : IKeptLanes
{
    public bool HasRings(Lane lane) => false;

    public KeptTopicReport[] Report(RecoverRequest request, int maxBytes, out bool hasMore)
    {
        hasMore = false;
        return [];
    }

    public TailPage Read(FetchRequest request) => TailPage.NotReady;

    public bool Keep(KeepRequest request) => false;
}
