using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Identity;

/// <summary>
/// Represents a node without sessions, and without a silo, which knows nothing of addresses. What shows a user id is the log line of a connection's end.
/// </summary>
public abstract class AnonymousNodeBase(params string[] arguments)
    : TestNode(
    [
        "cluster=none", "env=production", "sessions=none", "Logging:LogLevel:Direct=Debug", "Direct:Limits:MaxConnectionsPerAddress=0", .. arguments,
    ])
{
    /// <summary>Lets a connection come and go, and asserts whom the node took it for.</summary>
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
    [ProtocolRow("Identity: anonymous id")]
    [ProtocolRow("Identity: vector 127.0.0.1")]
    [ProtocolRow("Identity: vector ::1")]
    [ProtocolRow("Identity: vector 203.0.113.7")]
    [ProtocolRow("Identity: vector 198.51.100.1")]
    [ProtocolRow("Identity: vector 2001:db8::1")]
    [ProtocolRow("Identity: vector 10.0.0.1")]
    [ProtocolRow("Identity: vector 255.255.255.255")]
    public async Task Stranger_AtAnAddress_HasItsId(string address, long user)
    {
        Assert.Equal(user, AnonymousIds.Of(address));

        await node.AssertUserAsync(user, HandshakeOptions.Default.With("X-Forwarded-For", address));
    }

    [Fact]
    [ProtocolRow("Identity: address text")]
    public async Task Stranger_WithoutHeaders_IsItsPeerAddress() => await node.AssertUserAsync(-144953630);

    [Theory]
    [InlineData("any token")]
    [InlineData("")]
    [ProtocolRow("Identity: no session store")]
    public async Task Stranger_WhateverItsToken_IsAnonymous(string token) => await node.AssertUserAsync(-144953630, token: token);

    [Theory]
    [InlineData("CF first", "203.0.113.7", "CF-Connecting-IP", "203.0.113.7", "X-Forwarded-For", "10.0.0.1", "X-Real-IP", "10.0.0.2")]
    [InlineData("XFF second", "203.0.113.7", "X-Real-IP", "10.0.0.2", "X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Real-IP last", "203.0.113.7", "X-Real-IP", "203.0.113.7")]
    [InlineData("an empty one is not there", "203.0.113.7", "CF-Connecting-IP", "", "X-Forwarded-For", "203.0.113.7")]
    [InlineData("all empty", "127.0.0.1", "CF-Connecting-IP", "", "X-Forwarded-For", "", "X-Real-IP", "")]
    [InlineData("to the first comma", "203.0.113.7", "X-Forwarded-For", "203.0.113.7, 10.0.0.1, 10.0.0.2")]
    [InlineData("to the first comma of any of them", "203.0.113.7", "CF-Connecting-IP", "203.0.113.7,10.0.0.1")]
    [InlineData("trimmed", "203.0.113.7", "X-Forwarded-For", "203.0.113.7 \t , 10.0.0.1")]
    [InlineData("as written: upper case", "2001:DB8::1", "X-Forwarded-For", "2001:DB8::1")]
    [InlineData("as written: long form", "2001:0db8:0:0:0:0:0:1", "X-Forwarded-For", "2001:0db8:0:0:0:0:0:1")]
    [InlineData("as written: leading zeros", "010.000.000.001", "X-Forwarded-For", "010.000.000.001")]
    [InlineData("as written: mapped", "::ffff:10.0.0.1", "X-Forwarded-For", "::ffff:10.0.0.1")]
    [InlineData("without a port", "203.0.113.7", "X-Forwarded-For", "203.0.113.7:4711")]
    [InlineData("without a port and brackets", "2001:db8::1", "X-Forwarded-For", "[2001:db8::1]:443")]
    [InlineData("as written: no address", "unknown", "X-Forwarded-For", "unknown")]
    [InlineData("names in any case", "203.0.113.7", "x-forwarded-for", "203.0.113.7")]
    [ProtocolRow("Identity: address text")]
    public async Task Stranger_WithHeaders_IsTheFirstThatIsThere(string rule, string text, params string[] headers)
    {
        Assert.NotEmpty(rule);

        await node.AssertUserAsync(
            AnonymousIds.Of(text), new HandshakeOptions { Headers = [.. headers.Chunk(2).Select(pair => (pair[0], pair[1]))] });
    }

    [Fact]
    [ProtocolRow("Identity: address text")]
    public async Task Header_ThatOnlyLooksSimilar_DoesNotCount()
    {
        var options = HandshakeOptions.Default
            .With("X-Forwarded-Host", "203.0.113.7")
            .With("Forwarded", "for=203.0.113.7")
            .With("X-Client-IP", "203.0.113.7");

        await node.AssertUserAsync(-144953630, options);
    }
}

public sealed class UntrustingNode() : AnonymousNodeBase("Direct:Identity:TrustedProxies:0=10.0.0.0/8");

[ProtocolRow("Identity: trusted proxies")]
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

public sealed class PartlyTrustingNode() : AnonymousNodeBase("Direct:Identity:TrustedProxies:0=127.0.0.7/32");

[ProtocolRow("Identity: trusted proxies")]
public sealed class PartlyTrustedProxyTests(PartlyTrustingNode node) : IClassFixture<PartlyTrustingNode>
{
    [Theory]
    [InlineData("127.0.0.7", "203.0.113.7")]
    [InlineData("127.0.0.6", "127.0.0.6")]
    [InlineData("127.0.0.8", "127.0.0.8")]
    public async Task Headers_CountOnlyFromTheTrustedPeer(string peer, string text)
    {
        var options = new HandshakeOptions { LocalAddress = IPAddress.Parse(peer) }.With("X-Forwarded-For", "203.0.113.7");

        await node.AssertUserAsync(AnonymousIds.Of(text), options);
    }
}

public sealed class DualStackNode() : AnonymousNodeBase("Direct:Identity:TrustedProxies:0=none", "Direct:Endpoints:Address=*");

[ProtocolRow("Identity: address text")]
public sealed class PeerAddressTests(DualStackNode node) : IClassFixture<DualStackNode>
{
    [Fact]
    public async Task Peer_ByIPv4OnADualStackSocket_IsItsIPv4Text() => await node.AssertUserAsync(-144953630);

    [Fact]
    public async Task Peer_ByIPv6_IsItsIPv6Text()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");

        await node.AssertUserAsync(-364823692, new HandshakeOptions { Address = IPAddress.IPv6Loopback });
    }
}
