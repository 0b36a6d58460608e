using System.Net;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Identity;

public sealed class StartTests
{
    [Theory]
    [InlineData("env=")]
    [InlineData("env=TESTING")]
    public async Task Token_WithoutASessionsSettingOutsideTest_IsLookedUpInMySql(string env)
    {
        // Nothing listens at this port. A token that is looked up there closes the connection; a token that is not makes the connection anonymous.
        await using var node = await NodeProcess.StartAsync(
            env, $"Direct:Sessions:ConnectionString=Server=127.0.0.1;Port={FreePort.Take()};User ID=master;Password=master;Database=db");

        await using var client = await ProtocolClient.ConnectAsync(node.Port);
        await client.SendTextAsync("token");

        Assert.Equal(4005, (await client.ReceiveCloseFrameAsync()).Code);
    }

    [Fact]
    public async Task Start_WithSessionsNone_SaysEveryoneIsAnonymousAndRefusesSignals()
    {
        await using var node = await NodeProcess.StartAsync("env=production", "sessions=none");
        await node.WaitForOutputAsync("anonymous");
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(5, 6);

        // A caller without access must not learn anything else, including what is wrong with its request.
        using var missing = await node.Http.GetAsync(new Uri("/!direct-signal", UriKind.Relative), TestContext.Current.CancellationToken);
        var get = await node.SignalAsync("5,6,0", "not for you");
        using var post = await node.Http.PostAsync(
            new Uri("/!direct-signal?part=5,6,0", UriKind.Relative), new StringContent("nor this"), TestContext.Current.CancellationToken);
        var batch = """[{"part":"5,6,0","message":"nor these"}]""";
        using var json = await node.Http.PostAsync(
            new Uri("/!direct-signal", UriKind.Relative),
            new StringContent(batch, System.Text.Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken);
        await client.BroadcastAsync("end");

        Assert.Equal(
            (HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (missing.StatusCode, get.Status, post.StatusCode, json.StatusCode));
        Assert.StartsWith("application/problem+json", get.ContentType, StringComparison.Ordinal);
        Assert.Contains("Direct:Signals:Keys:0", get.Detail, StringComparison.Ordinal);
        Assert.Contains("Direct:Signals:AllowedNetworks:0", get.Detail, StringComparison.Ordinal);
        await node.WaitForOutputAsync("Signals are answered 403");
        Assert.Empty(await client.ReceiveTextsUntilAsync("end"));
    }
}
