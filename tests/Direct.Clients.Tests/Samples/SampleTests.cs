using System.Text.RegularExpressions;
using Direct.Clients.Tests.Browser;
using Direct.Testing.Processes;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Direct.Clients.Tests.Samples;

/// <summary>Tests the samples as their users see them: the pages in Chromium, their backends, and a gateway that is killed meanwhile.</summary>
public sealed partial class SampleTests(Chromium chromium)
{
    private const string Key = "6f1e0d9a55c84b7a9e21b0a7c4d2e1f8";

    // Reconnecting takes up to a few seconds.
    private static readonly LocatorAssertionsToContainTextOptions Slowly = new() { Timeout = 30_000 };

    [Fact]
    public async Task Chat_TwoGuests_TalkAndSeeEachOtherAndWhatTheyMissed()
    {
        await using var node = await StartAsync("env=test");
        await using var sample = await Sample.StartAsync("chat", node, Key);
        await using var context = await chromium.NewContextAsync();
        var ada = await OpenAsync(context, sample);
        var bob = await OpenAsync(context, sample);

        await WriteAsync(ada, "Ada", "hello Bob");
        await Expect(Messages(bob)).ToContainTextAsync("Ada: hello Bob");
        await bob.GetByRole(AriaRole.Button, new() { Name = "Music" }).ClickAsync();
        await WriteAsync(ada, "Ada", "<b>are you there?</b>");
        await Expect(bob.GetByRole(AriaRole.Button, new() { Name = "General (1)" })).ToBeVisibleAsync();
        await bob.GetByRole(AriaRole.Button, new() { Name = "General" }).ClickAsync();
        await Expect(Messages(bob)).ToContainTextAsync("Ada: <b>are you there?</b>");
        await Expect(bob.Locator("#members li")).ToHaveCountAsync(2);
        await Expect(bob.Locator("#members")).ToContainTextAsync("(you)");
        await ScreenshotAsync(bob, "chat");

        // Nobody is connected when this is written. The gap lets both pages fetch it.
        node.Kill();
        await Expect(bob.Locator("#state")).Not.ToContainTextAsync("you are guest");
        await WriteAsync(ada, "Ada", "written meanwhile");
        await using var successor = await StartAsync("env=test", $"port={node.Port}");

        await Expect(Messages(bob)).ToContainTextAsync("Ada: written meanwhile", Slowly);
        await Expect(Messages(ada)).ToContainTextAsync("Ada: written meanwhile", Slowly);
        Assert.Equal(["Ada: hello Bob", "Ada: <b>are you there?</b>", "Ada: written meanwhile"], await Messages(bob).Locator("p").AllTextContentsAsync());
    }

    [Fact]
    public async Task Bell_SignalledByItsBackend_RingsInEveryTabAndAfterALoss()
    {
        await using var node = await StartAsync("env=production", "sessions=none");
        await using var sample = await Sample.StartAsync("bell", node, Key);
        await using var context = await chromium.NewContextAsync();
        var first = await OpenAsync(context, sample);
        var second = await OpenAsync(context, sample);
        await Expect(first.Locator("#state")).ToContainTextAsync("connected as user -");
        await Expect(second.Locator("#state")).ToContainTextAsync("connected as user -");

        await CurlAsync(await first.Locator("#command").InnerTextAsync());
        await Expect(Bell(first, 1)).ToBeVisibleAsync();
        await Expect(Bell(second, 1)).ToBeVisibleAsync();
        await first.GetByRole(AriaRole.Button, new() { Name = "Let the backend ring" }).ClickAsync();
        await Expect(Bell(second, 2)).ToBeVisibleAsync();
        await Bell(second, 2).ClickAsync();
        await Expect(second.Locator("#list")).ToContainTextAsync("Your order is ready");
        await ScreenshotAsync(second, "bell");

        node.Kill();
        await Expect(first.Locator("#state")).Not.ToContainTextAsync("connected");
        await CurlAsync(CommandOfUser().Replace(await first.Locator("#command").InnerTextAsync(), "user=-144953630"));
        await using var successor = await StartAsync("env=production", "sessions=none", $"port={node.Port}");

        await Expect(second.Locator("#list li")).ToHaveCountAsync(3, new() { Timeout = 30_000 });
        await Expect(Bell(first, 3)).ToBeVisibleAsync();
    }

    private static Task<NodeProcess> StartAsync(params string[] settings) => NodeProcess.StartAsync(new NodeOptions
    {
        Arguments = ["cluster=none", "Direct:Connections:Direct2=true", .. settings],
        Environment = new Dictionary<string, string> { ["Direct__Signals__Keys__0"] = Key },
    });

    private static async Task<IPage> OpenAsync(IBrowserContext context, Sample sample)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(sample.Url);
        return page;
    }

    private static ILocator Messages(IPage page) => page.GetByRole(AriaRole.Log);

    private static ILocator Bell(IPage page, int count) => page.GetByRole(AriaRole.Button, new() { Name = $"Notifications, {count} new" });

    private static async Task WriteAsync(IPage page, string name, string text)
    {
        await page.GetByLabel("Your name").FillAsync(name);
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync(text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
    }

    private static async Task CurlAsync(string line)
    {
        await using var command = Command.Start("/bin/sh", ["-c", line]);
        await command.EndsWellAsync();
    }

    // For those who want to look at the pages: DIRECT_SCREENSHOTS is a folder.
    private static async Task ScreenshotAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("DIRECT_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") });
        }
    }

    [GeneratedRegex("user=-?[0-9]*")]
    private static partial Regex CommandOfUser();
}
