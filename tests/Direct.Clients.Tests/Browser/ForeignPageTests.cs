using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;
using Xunit;

namespace Direct.Clients.Tests.Browser;

/// <summary>
/// Tests that a page of another site cannot signal or close through the browser of a visitor whose address is allowed to. Chromium sends
/// <c>Sec-Fetch-Site</c> to loopback, but not to another host over plain HTTP.
/// </summary>
public sealed class ForeignPageTests(Chromium chromium, ForeignPageNodes nodes) : IClassFixture<ForeignPageNodes>
{
    private const string PlainHost = "direct.test";

    private static readonly string[] Production =
        ["env=production", "sessions=none", "Direct:Signals:AllowedNetworks:0=127.0.0.0/8", "Direct:Identity:TrustedProxies:0=none"];

    // Sends each request that a page can make to another site without a preflight. It completes when all have succeeded or failed.
    private const string Attacks = """
        async node => {
          const image = src => new Promise(resolve => {
            const element = new Image();
            element.onload = element.onerror = resolve;
            element.referrerPolicy = 'no-referrer';
            element.src = src;
          });
          const frame = (src, load) => new Promise(resolve => {
            const element = document.createElement('iframe');
            element.name = load.name;
            document.body.append(element);
            element.onload = resolve;
            load(element, src);
          });
          const navigate = (element, src) => { element.src = src; };
          const post = (element, src) => {
            const form = Object.assign(document.createElement('form'), { action: src, method: 'post', target: element.name });
            document.body.append(form);
            form.submit();
          };
          const noCors = (path, method) => fetch(node + path, { method, mode: 'no-cors' }).catch(() => {});
          await image(node + '/!direct-signal?part=0,0,0&message=image');
          await noCors('/!direct-signal?part=0,0,0&message=get', 'GET');
          await noCors('/!direct-signal?part=0,0,0&message=post', 'POST');
          await fetch(node + '/!direct-signal?part=0,0,0&message=cors').catch(() => {});
          await frame(node + '/!direct-signal?part=0,0,0&message=frame', navigate);
          await frame(node + '/!direct-signal?part=0,0,0&message=form', post);
          await image(node + '/!direct-close?part=0,0,0');
          await noCors('/!direct-close?part=0,0,0', 'POST');
        }
        """;

    private const string PostSignal = """
        async node => {
          const signal = await fetch(node + '/!direct-signal?part=0,0,0&message=wanted', { method: 'POST', mode: 'no-cors' });
          return signal.status;
        }
        """;

    public static TheoryData<string, bool> Visitors => new()
    {
        { "127.0.0.1", true }, { "localhost", true }, { PlainHost, true },
        { "127.0.0.1", false }, { "localhost", false }, { PlainHost, false },
    };

    [Theory]
    [MemberData(nameof(Visitors))]
    public async Task Page_OfAnotherOrigin_CanNeitherSignalNorClose(string host, bool isTest)
    {
        var node = await NodeAsync(isTest);
        await using var member = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await using var browser = host == PlainHost ? await chromium.StartForHostAsync(PlainHost, node) : null;
        await using var context = await (browser?.NewContextAsync() ?? chromium.NewContextAsync());
        var page = await context.NewPageAsync();
        await page.GotoAsync(chromium.Origin);

        await Deadline.RunAsync("the attacks are answered", async cancellationToken => await page.EvaluateAsync(Attacks, UrlOf(node, host)).WaitAsync(cancellationToken));

        Assert.Equal(1, (await node.SignalAsync("0,0,0", "end")).Delivered);
        Assert.Empty(await member.ReceiveTextsUntilAsync("end"));
    }

    [Theory]
    [MemberData(nameof(Visitors))]
    public async Task Page_OfTheNodesOwnOrigin_MaySignal(string host, bool isTest)
    {
        var node = await NodeAsync(isTest);
        await using var member = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await using var browser = host == PlainHost ? await chromium.StartForHostAsync(PlainHost, node) : null;
        await using var context = await (browser?.NewContextAsync() ?? chromium.NewContextAsync());
        var page = await context.NewPageAsync();
        await page.GotoAsync(UrlOf(node, host) + "/livez");

        Assert.Equal(200, await page.EvaluateAsync<int>(PostSignal, UrlOf(node, host)));

        Assert.Equal("wanted", await member.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task AddressBar_MaySignal(string host)
    {
        var node = await NodeAsync(isTest: true);
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();

        var answer = await page.GotoAsync(UrlOf(node, host) + "/!direct-signal?part=0,0,0&message=typed");

        Assert.Equal(200, answer!.Status);
    }

    private static string UrlOf(NodeProcess node, string host) => host == PlainHost ? $"http://{PlainHost}" : $"http://{host}:{node.Port}";

    private Task<NodeProcess> NodeAsync(bool isTest) => nodes.StartedAsync(isTest ? [] : Production);
}
