using Direct.Grains.Topics;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents one activation of a lane grain.</summary>
internal sealed class ModelLane(Lane lane, ModelSilo silo, LaneRouter router)
{
    private bool _hasPublished;

    public ModelSilo Silo => silo;

    public LaneRouter Router => router;

    public ValueTask<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch)
    {
        if (!_hasPublished)
        {
            _hasPublished = true;
            silo.Lanes.Add(lane, router);
        }

        return router.PublishAsync(batch, expectedEpoch);
    }

    public ValueTask<bool> Unsubscribe(TopicKey topic, Guid gateway, long number)
    {
        router.Unsubscribe(topic, gateway, number);
        return new ValueTask<bool>(true);
    }

    public void End()
    {
        silo.Lanes.Remove(lane, router);
        router.Close();
    }
}
