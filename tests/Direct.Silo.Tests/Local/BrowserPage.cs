using System.Text.Json;
using Direct.Testing.Processes;
using Microsoft.Playwright;

namespace Direct.Silo.Tests.Local;

/// <summary>One tab of the Chromium of this machine, with many WebSockets that come back whenever they end.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private const float LimitMs = 60_000;

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

    /// <summary>Why there can be none on this machine, and how to mend it; null when there can.</summary>
    public static string? WhyMissing => Program is null ? "chromium is missing; install it: apt-get install chromium" : null;

    /// <summary>The tab itself.</summary>
    public IPage Tab => _page;

    /// <summary>Opens a page of this origin.</summary>
    public static async Task<BrowserPage> OpenAsync(string url)
    {
        var page = await OpenBareAsync(url);
        await page.Tab.AddScriptTagAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Local", "page.js") });
        return page;
    }

    /// <summary>Opens a page as it is, without the clients.</summary>
    public static async Task<BrowserPage> OpenBareAsync(string url)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Flags });
        var page = await browser.NewPageAsync();
        await page.GotoAsync(url);
        return new BrowserPage(playwright, browser, page);
    }

    /// <summary>One more client that wants to be in this place, and that these streams are for.</summary>
    public Task KeepAsync(string url, string place, IEnumerable<int> streams) =>
        _page.EvaluateAsync("([url, place, streams]) => keep(url, place, streams)", new object[] { url, place, streams.ToArray() });

    /// <summary>Waits until every client is connected, and has got of each stream that is for it this number or a later one.</summary>
    public Task WaitForAllAsync(IReadOnlyDictionary<int, int> marks) => WaitAsync(
        $"everyone has {string.Join(", ", marks.Select(mark => $"s{mark.Key}.{mark.Value}"))}",
        "marks => haveAll(JSON.parse(marks))",
        JsonSerializer.Serialize(marks));

    /// <summary>Waits until so many clients have got this text.</summary>
    public Task WaitForTextAsync(string text, int count) => WaitAsync(
        $"{count} clients have \"{(text.Length > 60 ? text[..60] : text)}\"",
        "([text, count]) => haveGot(text, count)",
        new object[] { text, count });

    /// <summary>All connections that have opened up to now.</summary>
    public async Task<PageClient[]> ClientsAsync() =>
        JsonSerializer.Deserialize<PageClient[]>(await _page.EvaluateAsync<string>("JSON.stringify(clients)"), JsonSerializerOptions.Web)!;

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private async Task WaitAsync(string what, string condition, object argument)
    {
        try
        {
            await _page.WaitForFunctionAsync(condition, argument, new() { Timeout = LimitMs, PollingInterval = 50 });
        }
        catch (TimeoutException)
        {
            var clients = string.Join('\n', (object[])await ClientsAsync());
            throw new TimeoutException($"{what}: not so within {LimitMs} ms; the clients are\n{clients}");
        }
    }
}
