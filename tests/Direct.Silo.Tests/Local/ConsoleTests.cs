using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Processes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Direct.Silo.Tests.Local;

/// <summary>Tests the console with a whole cluster: the page of one gateway shows that another gateway was killed.</summary>
[Collection(nameof(Alone))]
public sealed class ConsoleTests : IAsyncDisposable
{
    private const float LimitMs = 60_000;

    private readonly LocalCluster _cluster = new();

    [Fact]
    public async Task Page_AGatewayIsKilledAndStartedAgain_ShowsBoth()
    {
        SlowTests.SkipIfUnwanted();
        var missing = MariaDb.WhyMissing ?? BrowserPage.WhyMissing;
        Assert.SkipWhen(missing is not null, missing ?? "");
        var port = FreePort.Take();
        await _cluster.DoAsync("up", "--silos", "2", "--gateways", "2", "--port", $"{port}", "--balancer", "0", "env=test");
        var killed = (await _cluster.PortsAsync("gateways")).Single(other => other != port);

        await using var page = await BrowserPage.OpenAsync($"http://127.0.0.1:{port}/!direct-console");
        var row = page.Tab.GetByRole(AriaRole.Row).Filter(new() { HasText = $":{killed}" });
        await Expect(row).ToContainTextAsync("serving", new() { Timeout = LimitMs });
        await Expect(page.Tab.GetByRole(AriaRole.Region, new() { Name = "Silos" }).GetByText("Active")).ToHaveCountAsync(2, new() { Timeout = LimitMs });

        await _cluster.KillAsync("gateways", killed);
        await Expect(row).ToContainTextAsync("no answer, last seen", new() { Timeout = LimitMs });
        await Expect(row).ToContainTextAsync("gone, last seen", new() { Timeout = LimitMs });
        await _cluster.DoAsync("restart", "gateway", $"{killed}");

        await Expect(row).ToContainTextAsync("serving", new() { Timeout = LimitMs });
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
