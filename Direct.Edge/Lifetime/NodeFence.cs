using Direct.Edge.Connections;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Subscriptions;

namespace Direct.Edge.Lifetime;

/// <inheritdoc />
internal sealed class NodeFence(NodeGate gate, ConnectionRegistry registry, TopicSubscriptions subscriptions, RoomRights rights) : INodeFence
{
    // A recheck does not ask a gateway without a lease, so what this one has looked up by then may be out of date.
    public void BeginLease() => rights.Discard(default);

    public async Task CloseAllAsync()
    {
        gate.Shut();
        foreach (var connection in registry.Connections)
        {
            connection.BeginClose(CloseReason.GatewayFenced);
        }

        // A connection that is registered after this point finds the node fenced when its deadlines start, and closes itself.
        subscriptions.Abandon(); // after the closes, so that connections that wait for a subscription report the fence as their reason
        await registry.WhenEmpty();
        subscriptions.Reset();
    }
}
