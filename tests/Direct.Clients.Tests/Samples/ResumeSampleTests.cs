using System.Globalization;
using Direct.Clients.Tests.Browser;
using Direct.Testing.Time;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Direct.Clients.Tests.Samples;

/// <summary>Tests <c>samples/resume</c>: two tabs, and a gateway of a cluster that is killed while a backend sends numbers.</summary>
[Collection("publishing")] // it builds the programs, as ./run does
public sealed class ResumeSampleTests(Chromium chromium, ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly LocatorAssertionsToContainTextOptions Slowly = new() { Timeout = 60_000 };

    [Fact]
    public async Task Tabs_WhoseGatewayIsKilled_GetEveryNumberOnce()
    {
        await using var sample = await Sample.StartWithClusterAsync("resume");
        await using var context = await chromium.NewContextAsync();
        IPage[] tabs = [await OpenAsync(context, sample), await OpenAsync(context, sample)];
        foreach (var tab in tabs)
        {
            await UntilNumberAsync(tab, 20);
        }

        // The load balancer has given each tab a gateway of its own, or both the same one.
        await KillAsync(tabs[0]);
        await Deadline.UntilAsync("a tab comes back", async () => (await ConnectionsAsync(tabs)).Max() == 2, Patience);
        await CheckAsync(tabs);

        // All tabs are now at the other gateway.
        await tabs[0].GetByRole(AriaRole.Button, new() { Name = "Start it again" }).ClickAsync();
        await Expect(tabs[0].Locator("#cluster")).ToContainTextAsync("both gateways run", Slowly);
        var before = await ConnectionsAsync(tabs);
        await KillAsync(tabs[1]);
        await Deadline.UntilAsync("all tabs come back", async () => (await ConnectionsAsync(tabs)).Zip(before).All(tab => tab.First == tab.Second + 1), Patience);
        await CheckAsync(tabs);

        output.WriteLine(string.Join('\n', await FramesAsync(tabs[1])));
        await sample.EndAsync();
    }

    private static async Task<IPage> OpenAsync(IBrowserContext context, Sample sample)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(sample.Url);
        return page;
    }

    private static async Task KillAsync(IPage tab)
    {
        await tab.GetByRole(AriaRole.Button, new() { Name = "Kill a gateway" }).ClickAsync();
        await Expect(tab.Locator("#cluster")).ToContainTextAsync("kill -9 ", Slowly);
    }

    // Waits until each tab has received more, and checks all that it has received.
    private static async Task CheckAsync(IPage[] tabs)
    {
        foreach (var tab in tabs)
        {
            await UntilNumberAsync(tab, (await NumbersAsync(tab)).Max() + 30);
            var (text, seen) = ("", "");
            await Deadline.UntilAsync("a tab has everything once", HasAllAsync, Patience, () => $"it shows '{text}' and has seen:\n{seen}");
            async Task<bool> HasAllAsync()
            {
                (text, seen) = (await tab.Locator("#numbers").TextContentAsync() ?? "", string.Join('\n', await FramesAsync(tab)));
                return text.EndsWith(": 0 missing, 0 twice, 0 gaps", StringComparison.Ordinal);
            }

            var numbers = await NumbersAsync(tab);
            Assert.Equal(numbers.Length, numbers.Distinct().Count());
            CheckFrames(await FramesAsync(tab));
        }
    }

    // Each connection after the first brings what was missed before the room is live.
    private static void CheckFrames(string[] frames)
    {
        Assert.DoesNotContain(frames, frame => frame.StartsWith("< gap ", StringComparison.Ordinal));
        var welcomes = Enumerable.Range(0, frames.Length).Where(i => frames[i].StartsWith("< welcome ", StringComparison.Ordinal)).ToArray();
        foreach (var welcome in welcomes.Skip(1))
        {
            Assert.StartsWith("-- closed: 1006", frames[welcome - 2], StringComparison.Ordinal);
            Assert.Contains("\nsince 7,1,0 ", frames[welcome - 1], StringComparison.Ordinal);
            var joining = frames[(welcome + 1)..].TakeWhile(frame => !frame.StartsWith("< joined 7,1", StringComparison.Ordinal)).ToArray();
            Assert.NotEmpty(joining.TakeWhile(frame => frame.StartsWith("< 7,1,0 ", StringComparison.Ordinal)));
            Assert.Contains(joining, frame => frame.StartsWith("< at 7,1,0 ", StringComparison.Ordinal));
        }
    }

    private static Task UntilNumberAsync(IPage tab, int number) => Deadline.UntilAsync(
        string.Create(CultureInfo.InvariantCulture, $"a tab has the number {number}"),
        async () => (await NumbersAsync(tab)).Append(0).Max() >= number,
        Patience);

    private static async Task<int[]> ConnectionsAsync(IPage[] tabs) => await Task.WhenAll(
        tabs.Select(tab => tab.EvaluateAsync<int>("seen.frames.filter(frame => frame.startsWith('< joined 7,1')).length")));

    private static Task<int[]> NumbersAsync(IPage tab) => tab.EvaluateAsync<int[]>("seen.numbers");

    private static Task<string[]> FramesAsync(IPage tab) => tab.EvaluateAsync<string[]>("seen.frames");
}
