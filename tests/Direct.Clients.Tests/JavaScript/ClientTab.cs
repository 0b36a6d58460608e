using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace Direct.Clients.Tests.JavaScript;

/// <summary>Represents a tab with a client of <c>clients/js</c>, whose events are recorded.</summary>
internal sealed class ClientTab
{
    private const float LimitMs = 30_000;

    private ClientTab(IPage page) => Page = page;

    public IPage Page { get; }

    /// <summary>Opens a tab and connects. The options are an expression of JavaScript.</summary>
    public static async Task<ClientTab> OpenAsync(IBrowserContext context, string origin, string url, string options = "{}")
    {
        ClientFolder.RequireBuilt();
        var page = await context.NewPageAsync();
        await page.GotoAsync(origin);
        var tab = new ClientTab(page);
        await tab.ConnectAsync(url, options);
        return tab;
    }

    public Task ConnectAsync(string url, string options = "{}") => Page.EvaluateAsync(
        $$"""
        async url => {
          const { connect } = await import('/client.js');
          window.events = [];
          window.client = connect(url, { backoff: { minMs: 100, maxMs: 1000 }, ...({{options}}) });
          for (const name of ['message', 'gap', 'state', 'joined', 'left', 'error']) client.on(name, event => events.push({ name, ...event }));
        }
        """,
        url);

    /// <summary>Waits until so many events of a name match a condition, which is an expression of JavaScript about <c>event</c>.</summary>
    public async Task WaitAsync(string name, string condition = "true", int count = 1)
    {
        var met = string.Create(CultureInfo.InvariantCulture, $"() => events.filter(event => event.name === '{name}' && ({condition})).length >= {count}");
        try
        {
            await Page.WaitForFunctionAsync(met, null, new() { Timeout = LimitMs, PollingInterval = 20 });
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the tab waited for {count} {name} with {condition}: nothing within {LimitMs} ms; it saw {await Page.EvaluateAsync<JsonElement>("events")}");
        }
    }

    public Task WaitForMessageAsync(string text) => WaitAsync("message", $"event.text === '{text}'");

    /// <summary>Evaluates an expression that may use <c>client</c> and <c>events</c>.</summary>
    public Task<T> EvaluateAsync<T>(string expression) => Page.EvaluateAsync<T>(expression);

    /// <summary>Says something, and waits until that is confirmed.</summary>
    public Task SayAsync(string room, string text) => Page.EvaluateAsync("([room, text]) => client.say(room, text)", new[] { room, text });
}
