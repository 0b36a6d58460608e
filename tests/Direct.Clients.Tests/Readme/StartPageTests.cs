using System.Text;
using Direct.Clients.Tests.Browser;
using Direct.Clients.Tests.JavaScript;
using Direct.Testing;
using Direct.Testing.Processes;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Direct.Clients.Tests.Readme;

/// <summary>Tests that the unchanged page of docs/start.md does what it says, with the built client beside it.</summary>
public sealed class StartPageTests(Chromium chromium)
{
    [Fact]
    public async Task Page_InTwoTabs_ShowsWhatIsSaidAndSignalledAndComesBack()
    {
        ClientFolder.RequireBuilt();
        await using var site = new PageServer(Encoding.UTF8.GetBytes(Documents.Block("docs/start.md", "html")));
        await using var node = await NodeProcess.StartAsync("Direct:Connections:Direct2=true");
        await using var browser = await chromium.StartForHostAsync("localhost:8085", node);
        var first = await OpenAsync(browser, site);
        var second = await OpenAsync(browser, site);
        await Expect(second.Locator("body")).ToContainTextAsync("open");

        await first.Locator("#text").FillAsync("hello");
        await first.Locator("#text").PressAsync("Enter");
        await Expect(second.Locator("body")).ToContainTextAsync("hello");
        await node.SignalAsync("7,0,0", "dinner is ready");
        await Expect(first.Locator("body")).ToContainTextAsync("dinner is ready");
        node.Kill();
        await Expect(first.Locator("body")).ToContainTextAsync("waiting");
        await using var successor = await NodeProcess.StartAsync("Direct:Connections:Direct2=true", $"port={node.Port}");

        await Expect(first.Locator("body")).ToContainTextAsync("messages to 7,1,0 may be missing", new() { Timeout = 30_000 });
    }

    private static async Task<IPage> OpenAsync(IBrowser browser, PageServer site)
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(site.Origin);
        return page;
    }
}
