using System.Globalization;
using System.Net;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.Access;

public sealed class FailedAttemptTests
{
    private const string Target = "/!direct-signal?part=0,0,0&message=hello";

    [Fact]
    public async Task Calls_RefusedTwentyTimes_Are429ForTheirAddressAlone()
    {
        await using var node = await StartAsync("Direct:Identity:TrustedProxies:0=none");

        for (var i = 0; i < 20; i++)
        {
            Answers.AssertProblem(await CallAsync(node.Port, "127.0.0.9", $"wrong {i}"), 401);
        }

        var limited = await CallAsync(node.Port, "127.0.0.9", "wrong");
        Answers.AssertProblem(limited, 429, "Direct:Signals:FailedAttemptsPerMinute");
        Assert.InRange(int.Parse(limited.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 60);
        Answers.AssertProblem(await CallAsync(node.Port, "127.0.0.9", AccessNode.Key), 429);
        Assert.Equal(200, (await CallAsync(node.Port, "127.0.0.8", AccessNode.Key)).Status);
        Assert.Contains("127.0.0.9", await node.WaitForOutputAsync("signal calls from"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_RefusedOnTheManagementPort_CountTheSame()
    {
        var port = FreePort.Take();
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Arguments =
            [
                "cluster=none", "env=production", "sessions=none", $"Direct:Signals:Keys:0={AccessNode.Key}", $"Direct:Endpoints:ManagementPort={port}",
                "Direct:Signals:FailedAttemptsPerMinute=3", "Direct:Identity:TrustedProxies:0=none",
            ],
            ReadyUri = new Uri($"http://127.0.0.1:{port}/readyz"),
        });

        Assert.Equal(200, (await CallAsync(port, "127.0.0.9", AccessNode.Key)).Status);
        for (var i = 0; i < 3; i++)
        {
            Answers.AssertProblem(await CallAsync(port, "127.0.0.9", "wrong"), 401);
        }

        Answers.AssertProblem(await CallAsync(port, "127.0.0.9", AccessNode.Key), 429);
        Assert.Equal(200, (await CallAsync(port, "127.0.0.8", AccessNode.Key)).Status);
        Assert.Equal(404, (await CallAsync(node.Port, "127.0.0.8", AccessNode.Key)).Status);
        Assert.Equal(200, (await RawHttp.RequestFromAsync(IPAddress.Parse("127.0.0.9"), port, "GET", "/readyz")).Status);
    }

    private static Task<NodeProcess> StartAsync(params string[] arguments) =>
        NodeProcess.StartAsync(["cluster=none", "env=production", "sessions=none", $"Direct:Signals:Keys:0={AccessNode.Key}", .. arguments]);

    private static Task<HttpAnswer> CallAsync(int port, string from, string key, params string[] headers) =>
        RawHttp.RequestFromAsync(IPAddress.Parse(from), port, "GET", Target, [$"Authorization: Bearer {key}", .. headers]);
}
