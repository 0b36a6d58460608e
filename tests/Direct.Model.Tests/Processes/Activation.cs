using Direct.Grains.Topics;

namespace Direct.Model.Tests.Processes;

/// <summary>Represents one activation of a lane grain.</summary>
internal sealed class Activation
{
    private readonly ModelCluster _cluster;

    public Activation(Lane lane, ModelSilo silo, ModelCluster cluster)
    {
        (Lane, Silo, _cluster) = (lane, silo, cluster);
        Grain = silo.Process.Within(() =>
        {
            var grain = silo.NewGrain(lane);
            ActivationRuntime.Attach(grain, this);
            _ = grain.OnActivateAsync(CancellationToken.None);
            return grain;
        });
    }

    public Lane Lane { get; }

    public ModelSilo Silo { get; }

    public LaneGrain Grain { get; }

    public bool IsEnded { get; private set; }

    /// <summary>Ends the activation in an orderly way, when the work of the caller is done.</summary>
    public void EndSoon() => Silo.Process.Post(End);

    private void End()
    {
        if (IsEnded)
        {
            return;
        }

        IsEnded = true;
        _cluster.Trace.Add($"{Lane} ends at {Silo.Process}");
        _ = Grain.OnDeactivateAsync(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "the model"), CancellationToken.None);
        _cluster.Forget(this);
    }
}
