namespace Direct.Edge.Backplane;

/// <summary>Tells how the canaries of this gateway fare. Nobody does on a node without a cluster.</summary>
public interface ICanaries
{
    /// <summary>The last one through each silo, by the silo's name.</summary>
    IReadOnlyList<SiloCanary> Read();
}
