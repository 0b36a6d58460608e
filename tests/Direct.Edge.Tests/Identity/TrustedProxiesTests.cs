using System.Net;
using Direct.Edge.Identity;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Identity;

public sealed class TrustedProxiesTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.255.255.255", true)]
    [InlineData("::1", true)]
    [InlineData("10.0.0.0", true)]
    [InlineData("10.255.255.255", true)]
    [InlineData("172.16.0.0", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("192.168.1.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("fc00::1", true)]
    [InlineData("fdff::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("febf::1", true)]
    [InlineData("9.255.255.255", false)]
    [InlineData("11.0.0.0", false)]
    [InlineData("172.15.255.255", false)]
    [InlineData("172.32.0.0", false)]
    [InlineData("192.167.255.255", false)]
    [InlineData("192.169.0.0", false)]
    [InlineData("128.0.0.0", false)]
    [InlineData("203.0.113.7", false)]
    [InlineData("::2", false)]
    [InlineData("fec0::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("255.255.255.255", false)]
    public void Contains_ByDefault_IsLoopbackPrivateAndLinkLocal(string address, bool expected)
    {
        Assert.Equal(expected, Create().Contains(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("203.0.113.255", true)]
    [InlineData("2001:db8:ffff::1", true)]
    [InlineData("198.51.100.1", true)]
    [InlineData("198.51.100.2", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.0.0.1", false)]
    public void Contains_NetworksThatAreSet_ReplaceTheDefaults(string address, bool expected)
    {
        Assert.Equal(expected, Create("203.0.113.0/24", "2001:db8::/32", "198.51.100.1").Contains(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("::1")]
    public void Contains_None_TrustsNobody(string address)
    {
        Assert.False(Create("none").Contains(IPAddress.Parse(address)));
    }

    private static TrustedProxies Create(params string[] entries)
    {
        var options = new IdentityOptions();
        Array.ForEach(entries, options.TrustedProxies.Add);
        return new TrustedProxies(Options.Create(options));
    }
}
