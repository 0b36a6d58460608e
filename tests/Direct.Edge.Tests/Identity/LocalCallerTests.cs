using System.Net;
using Direct.Edge.Identity;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Tests.Identity;

public sealed class LocalCallerTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.31.0.1", true)]
    [InlineData("192.168.7.7", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("fd00::1", true)]
    [InlineData("fe80::1%2", true)]
    [InlineData("203.0.113.7", false)]
    [InlineData("::ffff:203.0.113.7", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("172.32.0.1", false)]
    [InlineData(null, false)]
    public void Is_ByTheAddressOfThePeer_IsOneOfPrivateNetworks(string? peer, bool isNear)
    {
        Assert.Equal(isNear, LocalCaller.Is(Request(peer)));
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("x-real-ip")]
    [InlineData("CF-Connecting-IP")]
    [InlineData("Forwarded")]
    [InlineData("Via")]
    [InlineData("X-Forwarded-Proto")]
    public void Is_ThroughAProxy_IsNotWhateverItSays(string header)
    {
        var request = Request("10.0.0.1");
        request.Request.Headers[header] = "127.0.0.1";

        Assert.False(LocalCaller.Is(request));
    }

    private static DefaultHttpContext Request(string? peer)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = peer is null ? null : IPAddress.Parse(peer);
        return context;
    }
}
