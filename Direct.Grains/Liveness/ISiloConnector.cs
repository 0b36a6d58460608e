namespace Direct.Grains.Liveness;

/// <summary>Makes idle connections with other silos.</summary>
internal interface ISiloConnector
{
    /// <summary>Connects to a silo and waits until the connection ends.</summary>
    /// <returns>
    /// Whether the silo has closed the connection in an orderly way, with a FIN. False if it could not be connected to, and if the connection has ended by a reset.
    /// </returns>
    Task<bool> ConnectUntilClosedAsync(SiloAddress silo, CancellationToken cancellationToken);

    /// <summary>Returns whether the host of a silo refuses connections, because no process listens at that address. Returns false if the host does not answer.</summary>
    Task<bool> IsRefusedAsync(SiloAddress silo, CancellationToken cancellationToken);
}
