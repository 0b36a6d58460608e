using Direct.Testing.Processes;

namespace Direct.Clients.Tests.Processes;

internal static class NodeAddress
{
    extension(NodeProcess node)
    {
        public string WebSocketUrl => $"ws://127.0.0.1:{node.Port}/!direct";
    }
}
