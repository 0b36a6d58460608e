using Direct.Testing.Processes;
using Microsoft.Playwright;

namespace Direct.Clients.Tests.Browser;

/// <summary>A tab that shows the console of a node, in a cluster that the test makes up.</summary>
internal sealed class ConsolePage
{
    private const string Path = "/!direct-console";

    private ConsolePage(IPage page) => Tab = page;

    public IPage Tab { get; }

    /// <summary>What <c>/!direct-cluster</c> answers; null: the node itself answers.</summary>
    public string? Cluster { get; set; } = FakeCluster.Of("gw-a", "gw-b");

    /// <summary>How often it was asked for.</summary>
    public int Polls { get; private set; }

    /// <summary>The URLs of all requests of the page.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>What the page or the browser wrote to the console of its developer tools: refusals by the content security policy, for instance.</summary>
    public List<string> Complaints { get; } = [];

    public static async Task<ConsolePage> OpenAsync(IBrowserContext context, int port, Action<ConsolePage>? prepare = null)
    {
        var console = new ConsolePage(await context.NewPageAsync());
        console.Tab.Request += (_, request) => console.Requests.Add(request.Url);
        console.Tab.Console += (_, message) => console.Complaints.Add(message.Text);
        console.Tab.PageError += (_, error) => console.Complaints.Add(error);
        await console.Tab.RouteAsync("**/!direct-cluster*", console.AnswerAsync);
        prepare?.Invoke(console);
        await console.Tab.GotoAsync($"http://127.0.0.1:{port}{Path}");
        return console;
    }

    public static Task<ConsolePage> OpenAsync(IBrowserContext context, NodeProcess node) => OpenAsync(context, node.Port);

    public ILocator Button(string name) => Tab.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Field(string label) => Tab.GetByLabel(label, new() { Exact = true });

    public ILocator Region(string name) => Tab.GetByRole(AriaRole.Region, new() { Name = name, Exact = true });

    /// <summary>The list of frames, or of changes.</summary>
    public ILocator Log(string name) => Tab.GetByRole(AriaRole.List, new() { Name = name });

    public ILocator Frames => Log("Frames of this page's connection");

    public async Task ConnectAsync(string group, string channel)
    {
        await Button("Connect").ClickAsync();
        await Assertions.Expect(Tab.GetByText("In the lobby until it joins.")).ToBeVisibleAsync();
        await Field("Group").FillAsync(group);
        await Field("Channel").FillAsync(channel);
        await Button("Join").ClickAsync();
    }

    private async Task AnswerAsync(IRoute route)
    {
        Polls++;
        await (Cluster is null ? route.ContinueAsync() : route.FulfillAsync(new() { ContentType = "application/json", Body = Cluster }));
    }
}
