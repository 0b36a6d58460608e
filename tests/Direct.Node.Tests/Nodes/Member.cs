using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Nodes;

/// <summary>Represents a connection whose group, channel and user id the test knows.</summary>
public sealed record Member(ProtocolClient Client, long Group, long Channel, long User) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
