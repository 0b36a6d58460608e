using System.Net;
using Direct.Edge.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Identity;

public sealed class ClientAddressTests
{
    private const string Proxy = "10.0.0.1";
    private const string Stranger = "203.0.113.7";

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("2001:DB8:0:0::1", "2001:db8::1")]
    [InlineData("fe80::1%2", "fe80::1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    public void Read_WithoutHeaders_TextIsThePeers(string peer, string text)
    {
        Assert.Equal(text, Read(peer).Text);
    }

    [Theory]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Real-IP")]
    public void Read_AnyHeaderOfAStranger_ChangesNothing(string header)
    {
        Assert.Equal(new ClientAddress(Stranger, IPAddress.Parse(Stranger)), Read(Stranger, (header, "198.51.100.1")));
    }

    [Theory]
    [InlineData("1", "2", "3", "1")]
    [InlineData(null, "2", "3", "2")]
    [InlineData(null, null, "3", "3")]
    [InlineData("", "2", "3", "2")]
    [InlineData("", "", "3", "3")]
    [InlineData("", "", "", Proxy)]
    public void Read_SeveralHeaders_TheFirstThatIsNotEmptyCounts(string? cloudflare, string? forwarded, string? real, string text)
    {
        Assert.Equal(text, Read(Proxy, ("CF-Connecting-IP", cloudflare), ("X-Forwarded-For", forwarded), ("X-Real-IP", real)).Text);
    }

    [Theory]
    [InlineData("198.51.100.1, 10.0.0.9", "198.51.100.1")]
    [InlineData("  198.51.100.1  ", "198.51.100.1")]
    [InlineData("\t198.51.100.1 ,x", "198.51.100.1")]
    [InlineData("unknown", "unknown")]
    [InlineData("2001:DB8::0001", "2001:DB8::0001")]
    [InlineData("198.51.100.1:", "198.51.100.1:")]
    [InlineData("198.51.100.1:65536", "198.51.100.1:65536")]
    [InlineData("unknown:4711", "unknown:4711")]
    [InlineData("[unknown]:4711", "[unknown]:4711")]
    [InlineData("2001:db8::1:443", "2001:db8::1:443")]
    [InlineData("::ffff:198.51.100.1", "::ffff:198.51.100.1")]
    [InlineData(", 198.51.100.1", "")]
    [InlineData("   ", "")]
    public void Read_Header_IsTakenAsWrittenUpToItsFirstComma(string header, string text)
    {
        Assert.Equal(text, Read(Proxy, ("X-Forwarded-For", header)).Text);
    }

    // Each connection has another port, so a port in the text would make each connection a separate user.
    [Theory]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Real-IP")]
    public void Read_HeaderWithAPort_TextIsTheAddressAlone(string header)
    {
        Assert.Equal("198.51.100.1", Read(Proxy, (header, "198.51.100.1:4711")).Text);
        Assert.Equal("198.51.100.1", Read(Proxy, (header, "198.51.100.1:80, 10.0.0.9:81")).Text);
        Assert.Equal("2001:DB8::0001", Read(Proxy, (header, "[2001:DB8::0001]:443")).Text);
        Assert.Equal("2001:db8::1", Read(Proxy, (header, "[2001:db8::1]")).Text);
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::")]
    public void Read_Stranger_AnswersForItselfAndIsCountedByItsNetwork(string peer, string accountable, string counted)
    {
        var address = Read(peer);

        Assert.Equal((IPAddress.Parse(accountable), IPAddress.Parse(counted)), (address.Accountable, address.Counted));
    }

    // Only the end of the header that trusted proxies wrote is trusted.
    [Theory]
    [InlineData("198.51.100.1", "198.51.100.1")]
    [InlineData("1.2.3.4, 198.51.100.1", "198.51.100.1")]
    [InlineData("198.51.100.1, 10.0.0.2", "198.51.100.1")]
    [InlineData("1.2.3.4, 198.51.100.1, 10.0.0.2, 192.168.0.1", "198.51.100.1")]
    [InlineData("10.0.0.3, 198.51.100.1", "198.51.100.1")]
    [InlineData("garbage, 198.51.100.1", "198.51.100.1")]
    [InlineData(" 198.51.100.1 ,", "198.51.100.1")]
    [InlineData("\t198.51.100.1\t,,10.0.0.2", "198.51.100.1")]
    [InlineData("198.51.100.1:4711", "198.51.100.1")]
    [InlineData("[2001:db8:1:2:3::9]:4711", "2001:db8:1:2:3::9")]
    [InlineData("[2001:db8:1:2:3::9]", "2001:db8:1:2:3::9")]
    [InlineData("2001:DB8:1:2:3:0::9", "2001:db8:1:2:3::9")]
    [InlineData("::ffff:198.51.100.1", "198.51.100.1")]
    [InlineData("198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1")]
    [InlineData("198.51.100.1, [::1]:80, 10.0.0.2:4711", "198.51.100.1")]
    public void Read_Forwarded_TheLastThatIsNoProxyAnswers(string header, string accountable)
    {
        Assert.Equal(IPAddress.Parse(accountable), Read(Proxy, ("X-Forwarded-For", header)).Accountable);
    }

    // An unreadable entry ends the trusted part: the proxy that wrote it is accountable for the client.
    [Theory]
    [InlineData(null, Proxy)]
    [InlineData("", Proxy)]
    [InlineData(",,,", Proxy)]
    [InlineData("unknown", Proxy)]
    [InlineData("198.51.100.1, unknown", Proxy)]
    [InlineData("198.51.100.1, garbage, 10.0.0.2", "10.0.0.2")]
    [InlineData("198.51.100.1, 10.0.0.3, _hidden, 10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.2, 127.0.0.1", "10.0.0.2")]
    [InlineData("for=198.51.100.1", Proxy)]
    [InlineData("\"198.51.100.1\"", Proxy)]
    [InlineData("198.51.100.1;", Proxy)]
    [InlineData("198.51.100.1 10.0.0.2", Proxy)]
    [InlineData("198.51.100.1:port", Proxy)]
    [InlineData("198.51.100.1:99999", Proxy)]
    [InlineData("[198.51.100.1]", Proxy)]
    [InlineData("[2001:db8::1", Proxy)]
    [InlineData("[2001:db8::1]x", Proxy)]
    public void Read_ForwardedThatNamesNobody_TheLastProxyAnswers(string? header, string accountable)
    {
        Assert.Equal(IPAddress.Parse(accountable), Read(Proxy, ("X-Forwarded-For", header)).Accountable);
    }

    // These forms are read as different addresses by the framework and by other parsers.
    [Theory]
    [InlineData("3325256705")]
    [InlineData("198.51.25601")]
    [InlineData("0306.51.100.1")]
    [InlineData("198.051.100.001")]
    [InlineData("0xc6.51.100.1")]
    [InlineData("2001:db8::1%1")]
    [InlineData("2001:db8::1/64")]
    public void Read_ForwardedInAnOddForm_IsNotBelieved(string header)
    {
        Assert.Equal(IPAddress.Parse(Proxy), Read(Proxy, ("X-Forwarded-For", header)).Accountable);
    }

    [Theory]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Real-IP")]
    [InlineData("Forwarded")]
    [InlineData("True-Client-IP")]
    [InlineData("X-Client-IP")]
    [InlineData("X-Cluster-Client-IP")]
    [InlineData("X-Original-Forwarded-For")]
    public void Read_OtherHeaders_ChangeNothingForWhoAnswers(string header)
    {
        Assert.Equal(IPAddress.Parse(Proxy), Read(Proxy, (header, "198.51.100.1")).Accountable);
        Assert.Equal(
            IPAddress.Parse(Stranger),
            Read(Proxy, (header, "198.51.100.1"), ("X-Forwarded-For", $"198.51.100.1, {Stranger}")).Accountable);
    }

    [Fact]
    public void Read_ForwardedInTwoHeaderLines_CountsAsOne()
    {
        var headers = new HeaderDictionary { ["X-Forwarded-For"] = new[] { "1.2.3.4", "198.51.100.1, 10.0.0.2" } };

        var address = Create().Read(IPAddress.Parse(Proxy), headers);

        Assert.Equal(new ClientAddress("1.2.3.4", IPAddress.Parse("198.51.100.1")), address);
    }

    [Fact]
    public void Read_TrustsNobody_HeadersNeverCount()
    {
        var address = Create("none").Read(IPAddress.Loopback, new HeaderDictionary { ["X-Forwarded-For"] = "198.51.100.1" });

        Assert.Equal(new ClientAddress("127.0.0.1", IPAddress.Loopback), address);
    }

    [Fact]
    public void Read_NoPeer_IsAStranger()
    {
        var address = Create().Read(null, new HeaderDictionary { ["X-Forwarded-For"] = "198.51.100.1" });

        Assert.Equal("255.255.255.255", address.Text);
    }

    private static ClientAddress Read(string peer, params (string Name, string? Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            dictionary[name] = value;
        }

        return Create().Read(IPAddress.Parse(peer), dictionary);
    }

    private static ClientAddressReader Create(params string[] proxies)
    {
        var options = new IdentityOptions();
        Array.ForEach(proxies, options.TrustedProxies.Add);
        return new ClientAddressReader(new TrustedProxies(Options.Create(options)));
    }
}
