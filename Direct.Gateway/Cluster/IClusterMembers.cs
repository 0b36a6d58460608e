namespace Direct.Gateway.Cluster;

/// <summary>Tells whose silos there are.</summary>
internal interface IClusterMembers
{
    /// <summary>Where that is written, for people.</summary>
    string Location { get; }

    /// <summary>Returns the ids of clusters with an active silo, ten at most.</summary>
    Task<IReadOnlyList<string>> ActiveClustersAsync(CancellationToken cancellationToken);
}
