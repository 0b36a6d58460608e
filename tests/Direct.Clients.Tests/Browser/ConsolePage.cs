using Direct.Testing.Processes;
using Microsoft.Playwright;

namespace Direct.Clients.Tests.Browser;

/// <summary>Represents a tab with the console of a node, in a cluster that the test simulates.</summary>
internal sealed class ConsolePage
{
    private const string Path = "/!direct-console";

    private ConsolePage(IPage page) => Tab = page;

    public IPage Tab { get; }

    /// <summary>Gets or sets the response of <c>/!direct-cluster</c>; null for that of the node.</summary>
    public string? Cluster { get; set; } = FakeCluster.Of("gw-a", "gw-b");

    /// <summary>Gets how often the page has requested the status.</summary>
    public int Polls { get; private set; }

    /// <summary>Gets the URLs of all requests of the page.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Gets what the page or the browser wrote to the developer console, such as violations of the content security policy.</summary>
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

    /// <summary>Returns the list of frames, or of changes.</summary>
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
