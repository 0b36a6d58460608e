using System.Text.RegularExpressions;
using Direct.Edge.Transport.Loop;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Transport.Loop;

public sealed class HandshakeRequestTests
{
    public static TheoryData<string> Names => [.. UsualHeads.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_AUsualHead_IsTakenToItsEnd(string name)
    {
        var head = UsualHeads.All[name];

        var read = ReadHead.Of(head);

        var key = Regex.Match(head, "sec-websocket-key: (.*)\r", RegexOptions.IgnoreCase).Groups[1].Value;
        Assert.Equal((HeadStatus.Accepted, head.Length, key), (read.Status, read.Length, read.Key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_EveryTruncationOfAUsualHead_IsIncomplete(string name)
    {
        var head = UsualHeads.All[name];

        var others = Enumerable.Range(0, head.Length).Where(cut => ReadHead.Of(head[..cut]).Status is not HeadStatus.Incomplete);

        Assert.Empty(others);
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("Upgrade")]
    [InlineData("Connection")]
    [InlineData("Sec-WebSocket-Version")]
    [InlineData("Sec-WebSocket-Key")]
    public void Read_AHeaderMissingOrTwice_IsNotTaken(string name)
    {
        var header = UsualHeads.Headers.Single(header => header.StartsWith($"{name}:", StringComparison.Ordinal));

        AssertDeclined(UsualHeads.Instead(name));
        AssertDeclined(UsualHeads.With(header));
        AssertDeclined(UsualHeads.With(header.ToUpperInvariant()));
        AssertDeclined(UsualHeads.With($"{name}:"));
        AssertDeclined(UsualHeads.Instead(name, $"{name}:", header));
        AssertDeclined(UsualHeads.Instead(name, $"{name}:"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.7")]
    [InlineData("X-Forwarded-For: 203.0.113.7, 10.0.0.1", "x-forwarded-for:  203.0.113.7, 10.0.0.1 ")]
    [InlineData("X-Forwarded-For: 203.0.113.7,10.0.0.1", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 10.0.0.1")]
    [InlineData("X-Real-IP: 203.0.113.7", "X-REAL-IP: 203.0.113.7")]
    [InlineData("CF-Connecting-IP: 2001:db8::1", "CF-Connecting-IP: 2001:db8::1")]
    [InlineData("CF-Connecting-IP: |X-Forwarded-For: a", "CF-Connecting-IP:", "X-Forwarded-For: a")]
    [InlineData("CF-Connecting-IP: a|X-Forwarded-For: b|X-Real-IP: c", "X-Real-IP: c", "X-Forwarded-For: b", "CF-Connecting-IP: a")]
    [InlineData("", "X-Forwarded-Host: a", "Forwarded: for=b", "X-Forwarded-Foo: c", "CF-Connecting-IQ: d", "X-Real-IQ: e")]
    public void Read_AddressHeaders_AreToldAsKestrelJoinsThem(string expected, params string[] headers)
    {
        var read = ReadHead.Of(UsualHeads.With(headers));

        Assert.Equal((HeadStatus.Accepted, expected), (read.Status, read.Addresses));
    }

    [Fact]
    public void Read_FullOfBytesWithoutAnEnd_IsNotTaken()
    {
        var head = UsualHeads.Plain[..^2] + "X-Long: " + new string('x', HandshakeRequest.MaxBytes);

        Assert.Equal(HeadStatus.Declined, ReadHead.Of(head[..HandshakeRequest.MaxBytes]).Status);
        Assert.Equal(HeadStatus.Declined, ReadHead.Of(head).Status);
    }

    // Asserts that the head is declined as a whole, is never complete at any shorter length, and stays declined once it is.
    private static void AssertDeclined(string head)
    {
        Assert.Equal(HeadStatus.Declined, ReadHead.Of(head).Status);
        var isKnown = false;
        for (var cut = 0; cut < head.Length; cut++)
        {
            var status = ReadHead.Of(head[..cut]).Status;
            Assert.True(status is HeadStatus.Declined || (status is HeadStatus.Incomplete && !isKnown), $"{status} of {head[..cut]}");
            isKnown = status is HeadStatus.Declined;
        }
    }
}
