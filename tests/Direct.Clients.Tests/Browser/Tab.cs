using System.Text.Json;
using Microsoft.Playwright;

namespace Direct.Clients.Tests.Browser;

/// <summary>Represents a tab that shows <c>page.html</c>. It controls the connection of the page, and reads what the page recorded.</summary>
internal sealed class Tab
{
    private const float LimitMs = 20_000;

    private readonly IPage _page;

    private Tab(IPage page) => _page = page;

    /// <summary>Opens a tab without a connection.</summary>
    public static async Task<Tab> OpenAsync(IBrowserContext context, string pageUrl)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(pageUrl);
        return new Tab(page);
    }

    public Task ConnectAsync(string url, string? room = null) => _page.EvaluateAsync("([url, room]) => void connect(url, room)", new[] { url, room });

    /// <summary>Opens this many connections at once, from one script.</summary>
    public Task ConnectManyAsync(string url, int count) =>
        _page.EvaluateAsync("([url, count]) => { for (let i = 0; i < count; i++) connect(url); }", new object[] { url, count });

    /// <summary>Connects, and reconnects whenever the connection ends.</summary>
    public Task StayConnectedAsync(string url, string room) => _page.EvaluateAsync("([url, room]) => stay(url, room)", new[] { url, room });

    public Task SendAsync(string text) => _page.EvaluateAsync("text => socket.send(text)", text);

    public Task SendBinaryAsync(string text) => _page.EvaluateAsync("text => socket.send(new TextEncoder().encode(text))", text);

    public Task CloseAsync(int code, string reason) =>
        _page.EvaluateAsync("([code, reason]) => socket.close(code, reason)", new object[] { code, reason });

    public Task WaitForMessageAsync(string text) => WaitAsync($"the message \"{text}\"", "text => seen.messages.includes(text)", text);

    public Task WaitForOpensAsync(int count) => WaitAsync($"{count} openings", "count => seen.opens >= count", count);

    /// <summary>Connects, joins, and waits until the join is in force: the tab's own broadcast has returned.</summary>
    public async Task JoinAsync(string url, string room)
    {
        var marker = Guid.NewGuid().ToString();
        await ConnectAsync(url, room);
        await WaitForOpensAsync(1);
        await SendAsync(":" + marker);
        await WaitForMessageAsync(marker);
    }

    /// <summary>Waits until this many connections of the tab have ended. Returns the values that <c>onclose</c> received.</summary>
    public async Task<IReadOnlyList<TabClose>> WaitForClosesAsync(int count = 1)
    {
        await WaitAsync($"{count} closes", "count => seen.closes.length >= count", count);
        return await _page.EvaluateAsync<TabClose[]>("seen.closes");
    }

    private async Task WaitAsync(string what, string condition, object argument)
    {
        try
        {
            await _page.WaitForFunctionAsync(condition, argument, new() { Timeout = LimitMs, PollingInterval = 20 });
        }
        catch (TimeoutException)
        {
            var seen = await _page.EvaluateAsync<JsonElement>("seen");
            throw new TimeoutException($"the tab waited for {what}: nothing within {LimitMs} ms; it saw {seen}");
        }
    }
}
