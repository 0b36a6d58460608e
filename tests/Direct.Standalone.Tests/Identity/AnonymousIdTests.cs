using System.Net;
using Direct.Standalone.Tests.Coverage;
using Direct.Standalone.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Standalone.Tests.Identity;

public sealed class AnonymousNode() : TestNode("sessions=none");

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

        await AssertUserAsync(user, ("X-Forwarded-For", address));
    }

    [Fact]
    [ProtocolRow("Identity: address text")]
    public async Task Stranger_WithoutHeaders_IsItsPeerAddress() => await AssertUserAsync(-144953630);

    [Theory]
    [InlineData("any token")]
    [InlineData("")]
    [ProtocolRow("Identity: no session store")]
    public async Task Stranger_WhateverItsToken_IsAnonymous(string token)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.ConnectAsync();

        await client.SendTextAsync(token);
        await client.JoinAsync(group, channel);

        Assert.Equal(1, await node.CountAsync(group, channel, -144953630));
    }

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
    [InlineData("as written: with a port", "203.0.113.7:4711", "X-Forwarded-For", "203.0.113.7:4711")]
    [InlineData("as written: no address", "unknown", "X-Forwarded-For", "unknown")]
    [InlineData("names in any case", "203.0.113.7", "x-forwarded-for", "203.0.113.7")]
    [ProtocolRow("Identity: address text")]
    public async Task Stranger_WithHeaders_IsTheFirstThatIsThere(string rule, string text, params string[] headers)
    {
        Assert.NotEmpty(rule);

        await AssertUserAsync(AnonymousIds.Of(text), [.. headers.Chunk(2).Select(pair => (pair[0], pair[1]))]);
    }

    [Fact]
    [ProtocolRow("Identity: address text")]
    public async Task Strangers_AtOneAddress_AreOneUserWithTwoConnections()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        var options = HandshakeOptions.Default.With("X-Real-IP", "198.51.100.1");
        await using var first = await node.JoinAsync(group, channel, options);
        await using var second = await node.JoinAsync(group, channel, options);

        Assert.Equal(2, await node.CountAsync(group, channel, -848715251));
    }

    [Fact]
    [ProtocolRow("Identity: address text")]
    public async Task Header_ThatOnlyLooksSimilar_DoesNotCount() =>
        await AssertUserAsync(-144953630, ("X-Forwarded-Host", "203.0.113.7"), ("Forwarded", "for=203.0.113.7"), ("X-Client-IP", "203.0.113.7"));

    private async Task AssertUserAsync(long user, params (string Name, string Value)[] headers)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel, new HandshakeOptions { Headers = headers });

        Assert.Equal((1, 1), (await node.CountAsync(group, channel, 0), await node.CountAsync(group, channel, user)));
    }
}

public sealed class UntrustingNode() : TestNode("sessions=none", "Direct:Identity:TrustedProxies:0=10.0.0.0/8");

[ProtocolRow("Identity: trusted proxies")]
public sealed class TrustedProxyTests(UntrustingNode node) : IClassFixture<UntrustingNode>
{
    [Theory]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Real-IP")]
    public async Task Headers_FromAnUntrustedPeer_DoNotCount(string header)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        await using var client = await node.JoinAsync(group, channel, HandshakeOptions.Default.With(header, "10.0.0.1"));

        Assert.Equal(1, await node.CountAsync(group, channel, -144953630));
    }

    [Fact]
    public async Task Peer_WithoutHeaders_IsItsOwnAddress()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        await using var client = await node.JoinAsync(group, channel, new HandshakeOptions { LocalAddress = IPAddress.Parse("127.0.0.9") });

        Assert.Equal(1, await node.CountAsync(group, channel, AnonymousIds.Of("127.0.0.9")));
    }
}

public sealed class PartlyTrustingNode() : TestNode("sessions=none", "Direct:Identity:TrustedProxies:0=127.0.0.7/32");

[ProtocolRow("Identity: trusted proxies")]
public sealed class PartlyTrustedProxyTests(PartlyTrustingNode node) : IClassFixture<PartlyTrustingNode>
{
    [Theory]
    [InlineData("127.0.0.7", "203.0.113.7")]
    [InlineData("127.0.0.6", "127.0.0.6")]
    [InlineData("127.0.0.8", "127.0.0.8")]
    public async Task Headers_CountOnlyFromTheTrustedPeer(string peer, string text)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        var options = new HandshakeOptions { LocalAddress = IPAddress.Parse(peer) }.With("X-Forwarded-For", "203.0.113.7");

        await using var client = await node.JoinAsync(group, channel, options);

        Assert.Equal(1, await node.CountAsync(group, channel, AnonymousIds.Of(text)));
    }
}

public sealed class DualStackNode() : TestNode("sessions=none", "Direct:Identity:TrustedProxies:0=none", "Direct:Endpoints:Address=[::]");

[ProtocolRow("Identity: address text")]
public sealed class PeerAddressTests(DualStackNode node) : IClassFixture<DualStackNode>
{
    [Fact]
    public async Task Peer_ByIPv4OnADualStackSocket_IsItsIPv4Text()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        await using var client = await node.JoinAsync(group, channel);

        Assert.Equal(1, await node.CountAsync(group, channel, -144953630));
    }

    [Fact]
    public async Task Peer_ByIPv6_IsItsIPv6Text()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        await using var client = await node.JoinAsync(group, channel, new HandshakeOptions { Address = IPAddress.IPv6Loopback });

        Assert.Equal(1, await node.CountAsync(group, channel, -364823692));
    }
}
