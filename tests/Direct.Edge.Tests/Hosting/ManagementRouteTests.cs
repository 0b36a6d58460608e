using System.Net;
using Direct.Edge.Hosting;
using Direct.Edge.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Tests.Hosting;

/// <summary>Tests routes that a program adds: the port they are served on, and the clients that may use them.</summary>
public sealed class ManagementRouteTests
{
    private const int MainPort = 8085;
    private const int ManagementPort = 9085;

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("10.0.0.1", 200)]
    [InlineData("203.0.113.7", 404)]
    public async Task Request_WithoutAManagementPort_IsAnsweredToCallersFromNear(string peer, int status)
    {
        Assert.Equal(status, await QueryAsync("/page", MainPort, peer));
    }

    [Theory]
    [InlineData(MainPort, "127.0.0.1", 404)]
    [InlineData(MainPort, "203.0.113.7", 404)]
    [InlineData(ManagementPort, "127.0.0.1", 200)]
    [InlineData(ManagementPort, "203.0.113.7", 200)]
    public async Task Request_WithAManagementPort_IsAnsweredThereAlone(int port, string peer, int status)
    {
        Assert.Equal(status, await QueryAsync("/page", port, peer, $"Direct:Endpoints:ManagementPort={ManagementPort}"));
    }

    [Theory]
    [InlineData("/page/")]
    [InlineData("/Page")]
    public async Task Request_OfAnotherPath_IsNotAnswered(string path)
    {
        Assert.Equal(404, await QueryAsync(path, MainPort, "127.0.0.1"));
    }

    // A client without access must not be able to detect the route.
    [Fact]
    public async Task Request_OfAStranger_IsAnsweredAsIfThereWereNothing()
    {
        await using var node = Node();

        Assert.Equal(await BodyAsync(node, "/nothing", "203.0.113.7"), await BodyAsync(node, "/page", "203.0.113.7"));
    }

    private static async Task<int> QueryAsync(string path, int port, string peer, params string[] settings)
    {
        await using var node = Node(settings);
        var context = Request(path, port, peer);
        await node.Get<DirectRouter>().HandleAsync(context);
        return context.Response.StatusCode;
    }

    private static async Task<string> BodyAsync(TestComposition node, string path, string peer)
    {
        var context = Request(path, MainPort, peer);
        using var body = new MemoryStream();
        context.Response.Body = body;
        await node.Get<DirectRouter>().HandleAsync(context);
        await context.Response.CompleteAsync();
        return $"{context.Response.StatusCode} {context.Response.ContentType} {System.Text.Encoding.UTF8.GetString(body.ToArray())}";
    }

    private static TestComposition Node(params string[] settings) => TestComposition.Create(
        services => services.AddSingleton(new ManagementRoute("/page", static context =>
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            return Task.CompletedTask;
        })),
        ["env=test", .. settings]);

    private static DefaultHttpContext Request(string path, int port, string peer)
    {
        var context = new DefaultHttpContext { Request = { Method = "GET", Path = path } };
        (context.Connection.LocalPort, context.Connection.RemoteIpAddress) = (port, IPAddress.Parse(peer));
        return context;
    }
}
