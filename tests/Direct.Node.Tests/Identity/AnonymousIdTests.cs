using System.Globalization;
using System.Net;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Identity;

/// <summary>Represents a node without sessions and without a silo, which has no part in client addresses. The log line of a connection's end shows its user id.</summary>
public abstract class AnonymousNodeBase(params string[] arguments)
    : TestNode(
    [
        "cluster=none", "env=production", "sessions=none", "Logging:LogLevel:Direct=Debug", "Direct:Limits:MaxConnectionsPerAddress=0", .. arguments,
    ])
{
    /// <summary>Opens and closes a connection, and asserts its user id.</summary>
    public async Task AssertUserAsync(long user, HandshakeOptions? options = null, string token = "token")
    {
        var before = Process.Output.Count;
        await using var client = await ConnectAsync(options);
        await client.SendTextAsync(token);
        await client.CloseAsync();

        var line = await Process.WaitForOutputAsync(" ended: client_closed", before);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $" of user {user} ended"), line, StringComparison.Ordinal);
    }
}

public sealed class AnonymousNode() : AnonymousNodeBase();

public sealed class AnonymousIdTests(AnonymousNode node) : IClassFixture<AnonymousNode>
{
    [Theory]
    [InlineData("127.0.0.1", -144953630)]
    [InlineData("::1", -364823692)]
    [InlineData("203.0.113.7", -265253088)]
    [InlineData("198.51.100.1", -848715251)]
    [InlineData("2001:db8::1", -988793287)]
    [InlineData("10.0.0.1", -1589558925)]
    [InlineData("255.255.255.255", -1469496433)]
    public async Task Stranger_AtAnAddress_HasItsId(string address, long user)
    {
        Assert.Equal(user, AnonymousIds.Of(address));

        await node.AssertUserAsync(user, HandshakeOptions.Default.With("X-Forwarded-For", address));
    }

    [Fact]
    public async Task Stranger_WithoutHeaders_IsItsPeerAddress() => await node.AssertUserAsync(-144953630);

    [Theory]
    [InlineData("any token")]
    [InlineData("")]
    public async Task Stranger_WhateverItsToken_IsAnonymous(string token) => await node.AssertUserAsync(-144953630, token: token);
}

public sealed class UntrustingNode() : AnonymousNodeBase("Direct:Identity:TrustedProxies:0=10.0.0.0/8");

public sealed class TrustedProxyTests(UntrustingNode node) : IClassFixture<UntrustingNode>
{
    [Theory]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Real-IP")]
    public async Task Headers_FromAnUntrustedPeer_DoNotCount(string header) =>
        await node.AssertUserAsync(-144953630, HandshakeOptions.Default.With(header, "10.0.0.1"));

    [Fact]
    public async Task Peer_WithoutHeaders_IsItsOwnAddress() =>
        await node.AssertUserAsync(AnonymousIds.Of("127.0.0.9"), new HandshakeOptions { LocalAddress = IPAddress.Parse("127.0.0.9") });
}
