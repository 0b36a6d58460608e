using System.Net;
using System.Net.Sockets;
using Direct.Edge.Node;
using Direct.Edge.Transport.Loop;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Transport.Loop;

public sealed class LoopListenerFactoryTests
{
    [Theory]
    [InlineData("*", "0.0.0.0", 8085, true)]
    [InlineData("*", "::", 8085, true)]
    [InlineData("127.0.0.1", "127.0.0.1", 8085, true)]
    [InlineData("::1", "::1", 8085, true)]
    [InlineData("*", "0.0.0.0", 8086, false)]
    [InlineData("*", "0.0.0.0", 443, false)]
    [InlineData("*", "0.0.0.0", 0, false)]
    [InlineData("127.0.0.1", "127.0.0.1", 8086, false)]
    public void CanBind_APort_IsThePlainOneAlone(string configured, string address, int port, bool expected)
    {
        LinuxOnly.SkipElsewhere();

        Assert.Equal(
            expected,
            Factory(new EndpointOptions { Address = configured, Port = 8085 }).CanBind(new IPEndPoint(IPAddress.Parse(address), port)));
    }

    [Fact]
    public void CanBind_TheManagementPort_IsTrue()
    {
        LinuxOnly.SkipElsewhere();
        var factory = Factory(new EndpointOptions { Port = 8085, ManagementPort = 9085 });

        Assert.True(factory.CanBind(new IPEndPoint(IPAddress.IPv6Any, 9085)));
        Assert.False(factory.CanBind(new IPEndPoint(IPAddress.IPv6Any, 9086)));
    }

    // Covers Kestrel:Endpoints:Wss:Url=https://203.0.113.7:8085 together with Address=127.0.0.1 and Port=8085: the same port number, with TLS.
    [Fact]
    public void CanBind_ThePlainPortsNumberAtAnotherAddress_IsFalse()
    {
        LinuxOnly.SkipElsewhere();
        var factory = Factory(new EndpointOptions { Address = "127.0.0.1", Port = 8085 });

        Assert.False(factory.CanBind(new IPEndPoint(IPAddress.Parse("203.0.113.7"), 8085)));
        Assert.False(factory.CanBind(new IPEndPoint(IPAddress.IPv6Loopback, 8085)));
    }

    [Fact]
    public void CanBind_AFileOrAnInheritedDescriptor_IsFalse()
    {
        LinuxOnly.SkipElsewhere();
        var factory = Factory(new EndpointOptions { Port = 8085 });

        Assert.False(factory.CanBind(new UnixDomainSocketEndPoint("/tmp/direct.sock")));
        Assert.False(factory.CanBind(new DnsEndPoint("localhost", 8085)));
    }

    [Theory]
    [InlineData(TransportKind.Auto, true)]
    [InlineData(TransportKind.Direct, true)]
    [InlineData(TransportKind.Kestrel, false)]
    public void CanBind_ThePlainPort_IsAsTheTransportSays(TransportKind transport, bool expected)
    {
        LinuxOnly.SkipElsewhere();

        Assert.Equal(
            expected, Factory(new EndpointOptions { Port = 8085, Transport = transport }).CanBind(new IPEndPoint(IPAddress.Any, 8085)));
    }

    [Fact]
    public void CanBind_NoPlainPort_IsFalse()
    {
        LinuxOnly.SkipElsewhere();

        Assert.False(Factory(new EndpointOptions { Port = 0 }).CanBind(new IPEndPoint(IPAddress.Any, 0)));
    }

    private static LoopListenerFactory Factory(EndpointOptions options) =>
        new(new Lazy<LoopTransport>(() => throw new InvalidOperationException("made for a question")), Options.Create(options));
}
