namespace Direct.Grains.Liveness;

/// <summary>Makes idle connections with other silos.</summary>
internal interface ISiloConnector
{
    /// <summary>Connects to a silo and waits until the connection ends.</summary>
    /// <returns>
    /// Whether the silo has closed the connection in an orderly way, with a FIN. False if it could not be connected to, and if the connection has ended by a reset.
    /// </returns>
    Task<bool> ConnectUntilClosedAsync(SiloAddress silo, CancellationToken cancellationToken);

    /// <summary>Returns whether the system at the address of a silo refuses connections, because nothing listens there. Returns false if there is no answer.</summary>
    Task<bool> IsRefusedAsync(SiloAddress silo, CancellationToken cancellationToken);
}
