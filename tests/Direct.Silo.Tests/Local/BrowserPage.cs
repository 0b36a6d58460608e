using Direct.Testing.Processes;
using Microsoft.Playwright;

namespace Direct.Silo.Tests.Local;

/// <summary>Represents one tab of the Chromium that is installed on this machine.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IPage _page;

    private BrowserPage(IPlaywright playwright, IBrowser browser, IPage page) =>
        (_playwright, _browser, _page) = (playwright, browser, page);

    private static string? Program { get; } = InstalledProgram.Find("chromium", "chromium-browser", "google-chrome");

    /// <summary>Gets why there is no browser on this machine, and how to install it; null when there is one.</summary>
    public static string? WhyMissing => Program is null ? "chromium is missing; install it: apt-get install chromium" : null;

    /// <summary>Gets the tab.</summary>
    public IPage Tab => _page;

    /// <summary>Opens a page.</summary>
    public static async Task<BrowserPage> OpenAsync(string url)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Flags });
        var page = await browser.NewPageAsync();
        await page.GotoAsync(url);
        return new BrowserPage(playwright, browser, page);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
