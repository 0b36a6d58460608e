using System.Net;
using Direct.Edge.BackendApi;
using Direct.Edge.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Tests.BackendApi;

public sealed class SignalAccessTests : IDisposable
{
    private const string Key = "6f1e0d9a55c84b7a9e21";
    private const string OtherKey = "b0a7c4d2e1f89653770f";
    private const string Network = "198.51.100.0/24";
    private const string Inside = "198.51.100.1";
    private const string Outside = "203.0.113.7";

    private readonly TestGateway _gateway = new();
    private SignalAccess? _access;

    public SignalAccessTests() => _gateway.Node.Environment = "production";

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public void Check_TestNodeWithNothingSet_LetsEveryoneIn()
    {
        _gateway.Node.Environment = "test";

        Assert.Null(Check(Outside));
    }

    [Fact]
    public void Check_NothingSet_IsA403ThatSaysWhatToSet()
    {
        var problem = Check(Inside, Key);

        Assert.Equal((403, null), (problem?.Status, problem?.RetryAfterSeconds));
        Assert.Contains("Direct:Signals:Keys:0", problem!.Detail, StringComparison.Ordinal);
        Assert.Contains("Direct:Signals:AllowedNetworks:0", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_NothingSetAndManyCalls_StaysA403()
    {
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(403, Check(Outside)?.Status));
    }

    // Covers every combination of configured access rules and given credentials.
    [Theory]
    [InlineData("keys", Outside, Key, null)]
    [InlineData("keys", Outside, OtherKey, null)]
    [InlineData("keys", Outside, "wrong", 401)]
    [InlineData("keys", Outside, null, 401)]
    [InlineData("networks", Inside, null, null)]
    [InlineData("networks", Inside, "wrong", null)]
    [InlineData("networks", Outside, null, 403)]
    [InlineData("networks", Outside, Key, 403)]
    [InlineData("either", Inside, null, null)]
    [InlineData("either", Inside, "wrong", null)]
    [InlineData("either", Outside, Key, null)]
    [InlineData("either", Outside, "wrong", 401)]
    [InlineData("either", Outside, null, 401)]
    [InlineData("both", Inside, Key, null)]
    [InlineData("both", Inside, "wrong", 401)]
    [InlineData("both", Inside, null, 401)]
    [InlineData("both", Outside, Key, 403)]
    [InlineData("both", Outside, "wrong", 403)]
    [InlineData("both", Outside, null, 403)]
    public void Check_WhatIsSetAndWhatIsGiven_Decide(string set, string peer, string? key, int? status)
    {
        Set(set);

        Assert.Equal(status, Check(peer, key)?.Status);
    }

    [Fact]
    public void Check_TwoKeys_IsA401ThatSaysSo()
    {
        Set("keys");

        var problem = Check(Outside, Key, query: $"?key={Key}");

        Assert.Equal(401, problem?.Status);
        Assert.Contains("More than one", problem!.Detail, StringComparison.Ordinal);
    }

    // Behind proxies the client address is the rightmost address of the chain that is not a trusted proxy.
    [Theory]
    [InlineData("10.0.0.1", Inside, null)]
    [InlineData("10.0.0.1", $"{Outside}, {Inside}", null)]
    [InlineData("10.0.0.1", $"{Inside}, 10.0.0.2", null)]
    [InlineData("10.0.0.1", $"{Inside}, {Outside}", 403)]
    [InlineData("10.0.0.1", $"{Inside}, {Outside}, 10.0.0.2", 403)]
    [InlineData("10.0.0.1", $"{Inside}, unknown", 403)]
    [InlineData("10.0.0.1", null, 403)]
    [InlineData(Outside, Inside, 403)]
    [InlineData(Inside, Outside, null)]
    public void Check_ForwardedAddress_IsTheRightmostThatIsNoProxy(string peer, string? forwarded, int? status)
    {
        Set("networks");

        Assert.Equal(status, Check(peer, forwarded: forwarded)?.Status);
    }

    [Theory]
    [InlineData("::ffff:198.51.100.1", null)]
    [InlineData("::ffff:203.0.113.7", 403)]
    [InlineData("2001:db8:1:2::5", null)]
    [InlineData("2001:db8:1:3::5", 403)]
    public void Check_IPv6_IsComparedWhole(string peer, int? status)
    {
        Set("networks");
        _gateway.Signals.AllowedNetworks.Add("2001:db8:1:2::5/128");

        Assert.Equal(status, Check(peer)?.Status);
    }

    [Theory]
    [InlineData("keys", "wrong", 401)]
    [InlineData("keys", null, 401)]
    [InlineData("networks", null, 403)]
    [InlineData("both", Key, 403)]
    public void Check_TooManyRefused_Is429UntilTheMinuteIsOver(string set, string? key, int status)
    {
        Set(set);
        _gateway.Signals.FailedAttemptsPerMinute = 3;

        Assert.Equal(
            [status, status, status, 429, 429],
            Enumerable.Range(0, 5).Select(_ => Check(Outside, key)!.Status));
        _gateway.Clock.Advance(TimeSpan.FromSeconds(59.5));

        Assert.Equal((429, 1), (Check(Outside, Key)?.Status, Check(Outside, Key)?.RetryAfterSeconds));
        _gateway.Clock.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(status, Check(Outside, key)!.Status);
    }

    [Fact]
    public void Check_TooManyRefused_ConcernsNoOtherAddressAndNoAllowedNetwork()
    {
        Set("either");
        _gateway.Signals.FailedAttemptsPerMinute = 1;
        Check(Outside, "wrong");

        Assert.Equal(
            (429, null, null),
            (Check(Outside, Key)?.Status, Check("203.0.113.8", Key)?.Status, Check(Inside, "wrong")?.Status));
    }

    [Fact]
    public void Check_TooManyRefusedFromOneSlash64_ConcernsAllOfIt()
    {
        Set("keys");
        _gateway.Signals.FailedAttemptsPerMinute = 1;
        Check("2001:db8:1:2::5", "wrong");

        Assert.Equal((429, null), (Check("2001:db8:1:2:ffff::1", Key)?.Status, Check("2001:db8:1:3::5", Key)?.Status));
    }

    [Fact]
    public void Check_EveryRefusal_IsCountedByItsReason()
    {
        Set("keys");
        _gateway.Signals.FailedAttemptsPerMinute = 3;
        Check(Outside, Key);
        Check(Outside);
        Check(Outside, "wrong");
        Check(Outside, Key, query: $"?key={Key}");
        Check(Outside, Key);
        _access = null;
        Set("networks");
        _gateway.Signals.Keys.Clear();
        Check(Outside);
        _access = null;
        _gateway.Signals.AllowedNetworks.Clear();
        Check(Outside);

        Assert.Equal(
            "closed=1 limited=1 network=1 no_key=1 wrong_key=2",
            string.Join(' ', _gateway.Meters.Measurements
                .Where(each => each.Instrument == "direct.gateway.signals.refused")
                .GroupBy(each => each.Tags.Replace("reason=", "", StringComparison.Ordinal), each => each.Value)
                .Select(group => $"{group.Key}={group.Sum()}")
                .Order(StringComparer.Ordinal)));
    }

    // Covers the headers in which a browser names the origin of a page, and whether such a request is allowed by its address alone.
    [Theory]
    [InlineData(true, null, null)]
    [InlineData(true, "none", null)]
    [InlineData(true, "same-origin", null)]
    [InlineData(true, "same-origin", "https://direct.example")]
    [InlineData(false, "same-site", null)]
    [InlineData(false, "cross-site", null)]
    [InlineData(false, "something-new", null)]
    [InlineData(false, "same-origin, cross-site", null)]
    [InlineData(false, "cross-site", "https://evil.example")]
    [InlineData(false, "same-site", "https://direct.example")]
    [InlineData(false, "cross-site", "null")]
    [InlineData(true, "cross-site", "https://friend.example")]
    [InlineData(true, "same-site", "https://friend.example")]
    [InlineData(true, null, "https://direct.example")]
    [InlineData(true, null, "http://DIRECT.example")]
    [InlineData(true, null, "https://friend.example")]
    [InlineData(false, null, "https://direct.example:8443")]
    [InlineData(false, null, "https://evil.example")]
    [InlineData(false, null, "https://direct.example.evil.example")]
    [InlineData(false, null, "null")]
    [InlineData(false, null, "nonsense")]
    public void Check_PageOfAnOrigin_IsAllowedByItsAddressOnlyWhenTheOriginIsOwnOrNamed(bool isAllowed, string? site, string? origin)
    {
        _gateway.Connections.AllowedOrigins.Add("https://friend.example");
        Set("networks");
        void Page(HttpRequest request)
        {
            request.Headers["Sec-Fetch-Site"] = site;
            request.Headers.Origin = origin;
        }

        Assert.Equal(isAllowed ? null : 403, Check(Inside, change: Page)?.Status);
    }

    // Over plain HTTP browsers send no Sec-Fetch-Site to another machine, and for an image no Origin either.
    [Theory]
    [InlineData(false, "Mozilla/5.0 (X11; Linux x86_64)", "en")]
    [InlineData(true, "Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.19045; en-US) PowerShell/7.5.0", null)]
    [InlineData(true, "node", "*")]
    [InlineData(true, "curl/8.5.0", null)]
    public void Check_BrowserThatDoesNotSayForWhichPage_IsNotAllowedByItsAddress(bool isAllowed, string agent, string? language)
    {
        Set("networks");
        void Browser(HttpRequest request)
        {
            request.Headers.UserAgent = agent;
            request.Headers.AcceptLanguage = language;
        }

        Assert.Equal(isAllowed ? null : 403, Check(Inside, change: Browser)?.Status);
    }

    // The console page names its origin in the Referer header. Another page can omit that header, but cannot name this node in it, unless its own
    // host name resolves to the node.
    [Theory]
    [InlineData(true, "10.0.0.8:8443", "http://10.0.0.8:8443/!direct-console")]
    [InlineData(true, "[fd00::8]:8443", "http://[fd00::8]:8443/!direct-console")]
    [InlineData(false, "direct.example:8443", "http://direct.example:8443/!direct-console")]
    [InlineData(false, "10.0.0.8:8443", "http://10.0.0.8:8080/!direct-console")]
    [InlineData(false, "10.0.0.8:8443", "http://evil.example/?http://10.0.0.8:8443/")]
    [InlineData(false, "10.0.0.8:8443", "10.0.0.8:8443")]
    [InlineData(false, "10.0.0.8:8443", "")]
    public void Check_BrowserWithoutAnOrigin_IsAllowedByItsAddressOnAPageOfThisNode(bool isAllowed, string host, string referer)
    {
        Set("networks");
        void Browser(HttpRequest request)
        {
            request.Host = new HostString(host);
            request.Headers.UserAgent = "Mozilla/5.0 (X11; Linux x86_64)";
            request.Headers.AcceptLanguage = "en";
            request.Headers.Referer = referer;
        }

        Assert.Equal(isAllowed ? null : 403, Check(Inside, change: Browser)?.Status);
    }

    // When a browser reports a foreign origin, the Referer does not override it.
    [Fact]
    public void Check_ForeignPageWithOurReferer_IsRefused()
    {
        Set("networks");

        Assert.Equal(403, Check(Inside, change: request =>
        {
            ForeignPage(request);
            request.Headers.Referer = $"http://{request.Host}/";
        })?.Status);
    }

    [Theory]
    [InlineData("keys", Outside, Key, null)]
    [InlineData("networks", Inside, null, 403)]
    [InlineData("networks", Outside, null, 403)]
    [InlineData("either", Inside, null, 401)]
    [InlineData("either", Inside, "wrong", 401)]
    [InlineData("either", Inside, Key, null)]
    [InlineData("both", Inside, Key, null)]
    [InlineData("both", Inside, null, 401)]
    public void Check_ForeignPage_NeedsAKey(string set, string peer, string? key, int? status)
    {
        Set(set);

        Assert.Equal(status, Check(peer, key, change: ForeignPage)?.Status);
    }

    [Theory]
    [InlineData("networks")]
    [InlineData("either")]
    public void Check_ForeignPageInAnAllowedNetwork_IsToldWhy(string set)
    {
        Set(set);

        Assert.Contains("Direct:Connections:AllowedOrigins", Check(Inside, change: ForeignPage)!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ForeignPageAtATestNode_IsRefusedAndCountedUnlessItsOriginIsNamed()
    {
        _gateway.Node.Environment = "test";

        Assert.Equal(403, Check(Inside, change: ForeignPage)?.Status);
        Assert.Contains(_gateway.Meters.Measurements, each => each is { Instrument: "direct.gateway.signals.refused", Tags: "reason=foreign_page" });
        _access = null;
        _gateway.Connections.AllowedOrigins.Add("https://evil.example");

        Assert.Null(Check(Inside, change: ForeignPage));
    }

    // A foreign page that guesses keys from inside an allowed network is limited, and this does not limit other requests from that network.
    [Fact]
    public void Check_ForeignPageThatGuessesKeys_IsLimitedAndTheNetworkIsNot()
    {
        Set("either");
        _gateway.Signals.FailedAttemptsPerMinute = 1;
        Check(Inside, "wrong", change: ForeignPage);

        Assert.Equal((429, null), (Check(Inside, Key, change: ForeignPage)?.Status, Check(Inside)?.Status));
    }

    [Fact]
    public void Check_AnyRefusal_HoldsNoKey()
    {
        Set("both");
        _gateway.Signals.FailedAttemptsPerMinute = 3;

        var details = new[] { Inside, Outside }
            .SelectMany(peer => Enumerable.Range(0, 5).Select(_ => Check(peer, OtherKey + "x", query: $"?key={OtherKey}y")!.Detail));

        Assert.All(details, detail => Assert.DoesNotContain(OtherKey, detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("keys", "whoever has one of 2 keys")]
    [InlineData("networks", "everyone in 198.51.100.0/24")]
    [InlineData("either", "whoever has one of 2 keys, and everyone in 198.51.100.0/24 without one")]
    [InlineData("both", "whoever has one of 2 keys who is in 198.51.100.0/24")]
    [InlineData("nothing", "nobody")]
    public void Callers_WhateverIsSet_SaysWhoMay(string set, string callers)
    {
        Set(set);

        Assert.Equal(callers, Access.Callers);
    }

    private SignalAccess Access => _access ??= _gateway.NewSignalAccess();

    private void Set(string what)
    {
        if (what is "keys" or "either" or "both")
        {
            _gateway.Signals.Keys.Add(Key);
            _gateway.Signals.Keys.Add(OtherKey);
        }

        if (what is "networks" or "either" or "both")
        {
            _gateway.Signals.AllowedNetworks.Add(Network);
        }

        _gateway.Signals.RequireKeyAndNetwork = what is "both";
    }

    private static void ForeignPage(HttpRequest request)
    {
        request.Headers["Sec-Fetch-Site"] = "cross-site";
        request.Headers.Origin = "https://evil.example";
    }

    private Problem? Check(string peer, string? key = null, string? forwarded = null, string query = "", Action<HttpRequest>? change = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        context.Request.QueryString = new QueryString(query);
        if (key is not null)
        {
            context.Request.Headers.Authorization = $"Bearer {key}";
        }

        if (forwarded is not null)
        {
            context.Request.Headers["X-Forwarded-For"] = forwarded;
        }

        context.Request.Host = new HostString("direct.example");
        change?.Invoke(context.Request);
        return Access.Check(context);
    }
}
