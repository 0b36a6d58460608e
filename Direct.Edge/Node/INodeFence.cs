namespace Direct.Edge.Node;

/// <summary>Closes all connections after a gateway has lost its cluster.</summary>
public interface INodeFence
{
    /// <summary>
    /// Discards what was learned without a lease. It is called after each registration in the cluster, before the gate opens.
    /// </summary>
    void BeginLease();

    /// <summary>
    /// Shuts the gate, which must have been fenced before, and closes every connection with a code that tells the client to come back. A connection
    /// with bytes in its queue is dropped instead, because they must not be sent any more. Completes when the last connection has ended and no topic
    /// is held.
    /// </summary>
    Task CloseAllAsync();
}
