namespace Direct.Gateway.Cluster;

/// <summary>Reads which clusters have silos.</summary>
internal interface IClusterMembers
{
    /// <summary>Gets where the members are recorded, as text for people.</summary>
    string Location { get; }

    /// <summary>Returns the ids of clusters with an active silo, ten at most.</summary>
    Task<IReadOnlyList<string>> ActiveClustersAsync(CancellationToken cancellationToken);
}
