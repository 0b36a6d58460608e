using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.Transports;

/// <summary>Represents a node of one transport with short timeouts, so that clients that never finish a handshake are gone within a test.</summary>
public sealed class TransportNode(string transport, params string[] arguments)
    : TestNode([transport, "Direct:Limits:HandshakeTimeout=00:00:01", "Direct:Connections:CloseTimeout=00:00:01", .. arguments]);
