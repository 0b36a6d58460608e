using Direct.Clients.Tests.Browser;
using Direct.Testing.Processes;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Direct.Clients.Tests.Browser;

/// <summary>Represents the Chromium that is installed on this machine, and the page of its tabs. It starts when the first test needs it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ];

    private readonly PageServer _pages = new();
    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal string Origin => _pages.Origin;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _starting.Dispose();
        await _pages.DisposeAsync();
    }

    /// <summary>Returns a new browser context in the shared process: its tabs share nothing with those of other tests.</summary>
    internal Task<IBrowserContext> NewContextAsync() => NewContextAsync(new() { IgnoreHTTPSErrors = true });

    /// <summary>Returns a new browser context with options, such as the screen size and colours.</summary>
    internal async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options) => await (await StartedAsync()).NewContextAsync(options);

    /// <summary>Returns a Chromium that resolves <paramref name="host"/> (as in <c>localhost:8085</c>) to the node.</summary>
    internal async Task<IBrowser> StartForHostAsync(string host, NodeProcess node)
    {
        await StartedAsync();
        return await LaunchAsync($"--host-resolver-rules=MAP {host} 127.0.0.1:{node.Port}");
    }

    private async Task<IBrowser> StartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            return _browser ??= await LaunchAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<IBrowser> LaunchAsync(params string[] flags)
    {
        var program = InstalledProgram.Find("chromium", "chromium-browser", "google-chrome");
        Assert.SkipWhen(program is null, "chromium is missing; install it: apt-get install chromium");

        _playwright ??= await Playwright.CreateAsync();
        return await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = [.. Flags, .. flags] });
    }
}
