using Direct.Clients.Tests.Browser;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Direct.Clients.Tests.Samples;

/// <summary>Tests the one command that a new user runs for a sample.</summary>
[Collection("publishing")] // they build the gateway, as ./run does
public sealed class SampleStartTests(Chromium chromium)
{
    private static readonly LocatorAssertionsToContainTextOptions Slowly = new() { Timeout = 30_000 };

    [Theory]
    [InlineData("chat", "you are guest")]
    [InlineData("bell", "connected as user")]
    public async Task Start_WithoutAGateway_StartsOneAndEndsIt(string name, string connected)
    {
        await using var sample = await Sample.StartAsync(name);
        await using var context = await chromium.NewContextAsync();

        var page = await context.NewPageAsync();
        await page.GotoAsync(sample.Url);

        await Expect(page.Locator("#state")).ToContainTextAsync(connected, Slowly);
        await sample.EndAsync();
        await Expect(page.Locator("#state")).Not.ToContainTextAsync(connected, new() { Timeout = 30_000 });
    }
}
