using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.Transports;

/// <summary>Represents a node of one transport, with times so short that strangers who never finish are gone within a test.</summary>
public sealed class TransportNode(string transport, params string[] arguments)
    : TestNode([transport, "Direct:Limits:HandshakeTimeout=00:00:01", "Direct:Connections:CloseTimeout=00:00:01", .. arguments]);
