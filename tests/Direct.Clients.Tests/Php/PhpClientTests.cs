using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;
using Xunit;

namespace Direct.Clients.Tests.Php;

/// <summary>Tests <c>clients/php</c> by its own scripts, each of which says what it checks. How it repeats calls is tested by the conformance run.</summary>
public sealed class PhpClientTests
{
    private const string Key = "6f1e0d9a55c84b7a9e21b0a7c4d2e1f8";

    [Fact]
    public async Task Values_WithoutANode_AreCheckedBeforeACall()
    {
        await using var script = Start("clients/php/tests/values.php");

        await script.EndsWellAsync();
    }

    [Fact]
    public async Task Client_CertificatesThatItDoesNotKnow_AreRefusedOrTrustedByAnOption()
    {
        Assert.SkipUnless(PhpProgram.Has("openssl"), "PHP has no ext-openssl, with which the test makes certificates");

        await using var script = Start("clients/php/tests/tls.php");

        await script.EndsWellAsync();
    }

    [Fact]
    public async Task Client_AgainstANode_SendsAsksAndCloses()
    {
        await using var node = await StartNodeAsync();
        await using var first = await JoinAsync(node);
        await using var second = await JoinAsync(node);

        await using var script = Start("clients/php/tests/node.php", node.BaseUri.ToString(), Key);
        await script.EndsWellAsync();

        Assert.Equal(["dinner is ready", "grüße"], [await first.ReceiveTextAsync(), await first.ReceiveTextAsync()]);
        Assert.Equal(4999, (int?)(await first.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task Readme_ItsExample_DeliversAMessage()
    {
        var example = Documents.Block("clients/php/README.md", "php");
        await using var node = await StartNodeAsync();
        await using var member = await JoinAsync(node);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file, example.Replace("http://localhost:8085", node.BaseUri.ToString(), StringComparison.Ordinal), TestContext.Current.CancellationToken);

        await using var script = Start(file);
        await script.EndsWellAsync();

        File.Delete(file);
        Assert.Equal("delivered to 1 connections", script.Output);
        Assert.Equal("dinner is ready", await member.ReceiveTextAsync());
    }

    private static Task<NodeProcess> StartNodeAsync() => NodeProcess.StartAsync(new NodeOptions
    {
        Arguments = ["env=production", "sessions=none"],
        Environment = new Dictionary<string, string> { ["Direct__Signals__Keys__0"] = Key },
    });

    private static async Task<ProtocolClient> JoinAsync(NodeProcess node)
    {
        var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(7, 1);
        return client;
    }

    private static Command Start(params string[] arguments) =>
        Command.Start(PhpProgram.Require(), arguments, environment: new Dictionary<string, string> { ["DIRECT_KEY"] = Key, ["no_proxy"] = "127.0.0.1" });
}
