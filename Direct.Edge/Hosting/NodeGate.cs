using Direct.Edge.Connections;

namespace Direct.Edge.Hosting;

/// <summary>
/// Whether this node lets anyone in. Open from the start on a node that is alone; a gateway opens it when the cluster knows it and
/// shuts it when it can no longer be sure of that.
/// </summary>
public sealed class NodeGate
{
    private volatile bool _isShut;
    private volatile string? _obstacle;
    private volatile string? _lacking;

    /// <summary>Whether new connections are let in.</summary>
    public bool IsOpen => !_isShut;

    /// <summary>What the node waits for before it can do anything, for people; null when it has what it needs to try.</summary>
    public string? Obstacle => _obstacle;

    /// <summary>What the node does without for now while it lets people in, in a word for people; null when it has everything.</summary>
    public string? Lacking
    {
        get => _lacking;
        set => _lacking = value;
    }

    /// <summary>Lets connections in.</summary>
    public void Open() => (_obstacle, _isShut) = (null, false);

    /// <summary>Lets nobody in any more. Who is in stays.</summary>
    public void Shut() => (_isShut, _obstacle) = (true, null);

    /// <summary>Lets nobody in, and takes no signal either: there is no cluster yet that could be given one.</summary>
    /// <param name="obstacle">What the node waits for.</param>
    public void Block(string obstacle) => (_isShut, _obstacle) = (true, obstacle);
}

/// <summary>Closes what is open when a gateway has lost its cluster.</summary>
public interface INodeFence
{
    /// <summary>
    /// Shuts the gate and closes every connection with a come-back code, behind what is already in its queue. Completes when the last
    /// has ended and no topic is held any more.
    /// </summary>
    Task CloseAllAsync();
}

/// <inheritdoc />
internal sealed class NodeFence(NodeGate gate, ConnectionHub hub, Topics.TopicSubscriptions subscriptions, TimeProvider timeProvider) : INodeFence
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    public async Task CloseAllAsync()
    {
        gate.Shut();
        while (hub.Connections is { Count: > 0 } connections)
        {
            foreach (var connection in connections)
            {
                connection.BeginClose(CloseReason.GatewayFenced);
            }

            subscriptions.Abandon(); // after it: whoever waits must hear the true reason
            await Task.Delay(LookAgain, timeProvider);
        }

        subscriptions.Reset();
    }
}
