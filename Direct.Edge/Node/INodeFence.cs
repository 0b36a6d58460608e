namespace Direct.Edge.Node;

/// <summary>Closes what is open when a gateway has lost its cluster.</summary>
public interface INodeFence
{
    /// <summary>
    /// Shuts the gate, which must have been fenced before, and closes every connection with a come-back code. One that has bytes in its queue is dropped instead: they may not
    /// be sent any more. Completes when the last has ended and no topic is held any more.
    /// </summary>
    Task CloseAllAsync();
}
