using System.Net;
using Direct.Edge.Identity;

namespace Direct.Edge.Tests.Identity;

public sealed class NetworkTextTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("10.1.2.3/32", "10.1.2.3/32")]
    [InlineData("::/0", "::/0")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    [InlineData("2001:DB8:0:0::/32", "2001:db8::/32")]
    public void TryParse_NetworkOrAddress_IsTaken(string text, string expected)
    {
        var error = NetworkText.TryParse(text, out var network);

        Assert.Equal((null, expected), (error, network.ToString()));
    }

    // The framework reads 10.0.0.1/8 as 10.0.0.0/8: sixteen million addresses where perhaps one was meant.
    [Theory]
    [InlineData("10.0.0.1/8", "10.0.0.0/8", "10.0.0.1")]
    [InlineData("192.168.1.130/25", "192.168.1.128/25", "192.168.1.130")]
    [InlineData("2001:db8::1/64", "2001:db8::/64", "2001:db8::1")]
    [InlineData("255.255.255.255/0", "0.0.0.0/0", "255.255.255.255")]
    public void TryParse_BitsSetBehindThePrefix_IsRefusedWithWhatMayBeMeant(string text, string network, string address)
    {
        Assert.Contains($"write {network} for the network, or {address} for the one address", Error(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("::ffff:10.0.0.0/104", "write 10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.1", "write 10.0.0.1")]
    [InlineData("::ffff:10.0.0.1/128", "write 10.0.0.1")]
    [InlineData("::ffff:0.0.0.0/96", "write 0.0.0.0/0")]
    [InlineData("::ffff:10.0.0.0/64", "write the IPv4 network")]
    public void TryParse_MappedIntoIPv6_IsRefusedWithItsIPv4Form(string text, string suggestion)
    {
        Assert.EndsWith(suggestion, Error(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.0/33", "0 to 32")]
    [InlineData("10.0.0.0/-1", "0 to 32")]
    [InlineData("10.0.0.0/+8", "0 to 32")]
    [InlineData("10.0.0.0/08", "0 to 32")]
    [InlineData("10.0.0.0/ 8", "0 to 32")]
    [InlineData("10.0.0.0/", "0 to 32")]
    [InlineData("10.0.0.0/8/8", "0 to 32")]
    [InlineData("10.0.0.0/8,192.168.0.0/16", "0 to 32")]
    [InlineData("10.0.0.0/255.0.0.0", "0 to 32")]
    [InlineData("::/129", "0 to 128")]
    public void TryParse_NoPrefix_IsRefusedWithItsRange(string text, string range)
    {
        Assert.Contains(range, Error(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("ten")]
    [InlineData("/8")]
    [InlineData("10/8")]
    [InlineData("10.1/16")]
    [InlineData("1")]
    [InlineData("010.0.0.0/8")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData(" 10.0.0.0/8")]
    [InlineData("10.0.0.0 /8")]
    [InlineData("10.0.0.0-10.0.0.9")]
    [InlineData("10.0.0.*")]
    [InlineData("[::]/0")]
    [InlineData("fe80::1%1/64")]
    [InlineData("proxy.example.com")]
    public void TryParse_NoAddress_IsRefused(string? text)
    {
        Assert.Contains("CIDR", Error(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.255.255.255", true)]
    [InlineData("11.0.0.0", false)]
    [InlineData("2001:db8:1::1", true)]
    [InlineData("2001:db8:2::1", false)]
    [InlineData("203.0.113.7", true)]
    [InlineData("::", false)]
    public void Contains_AddressOfAnyNetwork_IsTrue(string address, bool expected)
    {
        var networks = new NetworkSet(["10.0.0.0/8", "2001:db8:1::/48", "203.0.113.7"]);

        Assert.Equal(expected, networks.Contains(IPAddress.Parse(address)));
    }

    private static string Error(string? text) =>
        NetworkText.TryParse(text, out _) ?? throw new InvalidOperationException($"'{text}' was taken");
}
