using System.Globalization;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Direct.Clients.Tests.Browser;

/// <summary>Tests the console page in Chromium, with its content security policy in force.</summary>
public sealed class ConsoleTests(Chromium chromium, PlainNode plain) : IClassFixture<PlainNode>
{
    private const string Key = "6f1e0d9a55c84b7a9e21b0a7c4d2e1f8";

    [Fact]
    public async Task Forms_ConnectJoinSaySignalAndExplain_ShowWhatHappens()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);

        await console.ConnectAsync("4101", "-2");
        await console.Field("Say").FillAsync("<b>hello</b>");
        await console.Button("Say to the room").ClickAsync();
        await Expect(console.Frames).ToContainTextAsync("in<b>hello</b>"); // the message is shown as text
        await console.Field("Target").First.FillAsync("4101,0,0");
        await console.Field("Message").FillAsync("grüße 👋");
        await console.Button("Send signal").ClickAsync();

        await Expect(console.Region("Signal")).ToContainTextAsync("Taken by 1 connection on 1 gateway; answered in ");
        await Expect(console.Frames).ToContainTextAsync("ingrüße 👋");
        await console.Button("Explain target").ClickAsync();
        await Expect(console.Region("Signal")).ToContainTextAsync("4101,0,0 means connections with group 4101: 1 connection on 1 gateway. It is published to the topic group/4101. Nothing was sent.");
        await console.Button("Disconnect").ClickAsync();
        await Expect(console.Tab.GetByText("Not connected: closed 1000")).ToBeVisibleAsync();
        Assert.Empty(console.Complaints);
    }

    [Fact]
    public async Task Keyboard_Alone_ConnectsJoinsAndSays()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);
        var keys = console.Tab.Keyboard;

        await keys.PressAsync("Tab");
        await Expect(console.Tab.GetByRole(AriaRole.Link, new() { Name = "Skip to connect and signal" })).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await keys.PressAsync("Tab");
        await Expect(console.Field("Token")).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(console.Field("Group")).ToBeFocusedAsync(); // the field gets the focus when the page has connected
        await keys.TypeAsync("4102");
        await keys.PressAsync("Enter");
        await Expect(console.Tab.GetByText("Joined group 4102")).ToBeVisibleAsync();
        await TabToAsync(console, "Say");
        await keys.TypeAsync("from the keyboard");
        await keys.PressAsync("Enter");

        await Expect(console.Frames).ToContainTextAsync("infrom the keyboard");
    }

    [Fact]
    public async Task Gateways_OneIsKilled_IsShownAndSaidAndNotForgotten()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);
        var killed = console.Tab.GetByRole(AriaRole.Row).Filter(new() { HasText = "gw-b" });
        await Expect(killed).ToContainTextAsync("serving");

        console.Cluster = FakeCluster.Of(["gw-a"], ["gw-b"]);
        await Expect(killed).ToContainTextAsync("no answer, last seen");
        await Expect(console.Tab.GetByText("Gateway gw-b: no answer")).ToBeAttachedAsync();
        await Expect(console.Tab.GetByText("Live, answered by gw-a; no answer from gw-b")).ToBeVisibleAsync();
        console.Cluster = FakeCluster.Of("gw-a");
        await Expect(killed).ToContainTextAsync("gone, last seen");
        console.Cluster = FakeCluster.Of("gw-a", "gw-b");

        await Expect(killed).ToContainTextAsync("serving");
    }

    [Fact]
    public async Task Charts_TwoPolls_SayTheRateInWords()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);
        await Expect(console.Tab.GetByRole(AriaRole.Img, new() { Name = "Connections: 24 now, at most 12 in two minutes. gw-a 12, gw-b 12" })).ToBeVisibleAsync();
        await Expect(console.Tab.GetByRole(AriaRole.Img, new() { Name = "Signal latency: 0.8 ms now" })).ToBeVisibleAsync();

        console.Cluster = FakeCluster.Of(["gw-a", "gw-b"], [], deliveries: 9000);

        await Expect(console.Tab.GetByRole(AriaRole.Img, new() { NameRegex = new("^Deliveries per second: .* now, at most [34],[0-9]{3} ") })).ToBeVisibleAsync();
        await Expect(console.Region("Silos")).ToContainTextAsync("silo-1");
        await console.Button("Explain -9000000000000000001,0,0").ClickAsync();
        await Expect(console.Region("Signal")).ToContainTextAsync("group -9000000000000000001: 0 connections");
    }

    [Fact]
    public async Task HiddenTab_AsksNothing()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);
        await Expect(console.Tab.GetByText("Live, answered by gw-a")).ToBeVisibleAsync();

        await HideAsync(console, true);
        await Expect(console.Tab.GetByText("Paused while this tab is hidden")).ToBeAttachedAsync();
        var polls = console.Polls;
        await console.Tab.WaitForTimeoutAsync(2500); // longer than the pause between two polls
        Assert.Equal(polls, console.Polls);
        await HideAsync(console, false);

        await Expect(console.Tab.GetByText("Live, answered by gw-a")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task TimedSignals_FromThisBrowser_ComeBack()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);

        await console.Button("Time 10 signals from this browser").ClickAsync();

        await Expect(console.Tab.GetByText("10 signals from this browser and back to it, your network included: fastest")).ToBeVisibleAsync(new() { Timeout = 20_000 });
    }

    [Fact]
    public async Task LiveView_OfARoom_ShowsItsConnectionsAndHowTheyChange()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);
        await using var present = await ProtocolClient.ConnectWithTokenAsync(plain.Process.Port);
        await present.JoinAsync(4103, 1);
        await present.SyncAsync();

        await console.Field("Target").Last.FillAsync("4103,0,0");
        await console.Button("Watch").ClickAsync();
        await Expect(console.Log("Changes")).ToContainTextAsync("snapshot1 connection");
        await using (var second = await ProtocolClient.ConnectWithTokenAsync(plain.Process.Port))
        {
            await second.JoinAsync(4103, 2);
            await Expect(console.Log("Changes")).ToContainTextAsync("joined");
            await Expect(console.Tab.GetByRole(AriaRole.Table, new() { Name = "Watched connections" }).GetByRole(AriaRole.Row)).ToHaveCountAsync(3);
        }

        await Expect(console.Log("Changes")).ToContainTextAsync("connection_lost");
        await console.Button("Stop").ClickAsync();
        await Expect(console.Tab.GetByText("Stopped.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task ManagementPort_WithAKey_AsksForItKeepsItOutOfUrlsAndConnectsToThePublicPort()
    {
        var port = FreePort.Take();
        await using var context = await chromium.NewContextAsync();
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Arguments =
            [
                "env=production", "sessions=none", "cluster=none", $"Direct:Endpoints:ManagementPort={port}", $"Direct:Signals:Keys:0={Key}",
                $"Direct:Connections:AllowedOrigins:0=http://127.0.0.1:{port}",
            ],
            ReadyUri = new Uri($"http://127.0.0.1:{port}/readyz"),
        });
        var console = await ConsolePage.OpenAsync(context, port);
        await console.Button("Send signal").ClickAsync();
        await Expect(console.Region("Signal")).ToContainTextAsync("401: No key was given");

        await console.Field("Signal key").FillAsync(Key);
        await console.Button("Use key").ClickAsync();
        await Expect(console.Field("Signal key")).ToHaveValueAsync("");
        await console.ConnectAsync("5", "6");
        await console.Field("Target").First.FillAsync("5,6,0");
        await console.Button("Send signal").ClickAsync();

        await Expect(console.Region("Signal")).ToContainTextAsync("Taken by 1 connection");
        await Expect(console.Frames).ToContainTextAsync("indinner is ready");
        Assert.DoesNotContain(console.Requests, url => url.Contains(Key, StringComparison.Ordinal));
        await console.Tab.ReloadAsync();
        await console.Button("Send signal").ClickAsync();
        await Expect(console.Region("Signal")).ToContainTextAsync("401: No key was given"); // the key was only in the memory of the page
    }

    /// <summary>Tests that a refused poll is not repeated. Each refusal counts for the address, and twenty of them block it.</summary>
    [Fact]
    public async Task RefusedPoll_IsNotRepeatedUntilThereIsAKey()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);
        await Expect(console.Tab.GetByText("Live, answered by gw-a")).ToBeVisibleAsync();
        await console.Tab.UnrouteAllAsync();
        var refused = 0;
        await console.Tab.RouteAsync("**/!direct-cluster*", route =>
        {
            refused++;
            return route.FulfillAsync(new() { Status = 401, ContentType = "application/problem+json", Body = """{"detail":"No key was given."}""" });
        });

        await Expect(console.Tab.GetByText("401: No key was given.")).ToBeVisibleAsync();
        await Expect(console.Field("Signal key")).ToBeFocusedAsync();
        await console.Tab.WaitForTimeoutAsync(2500); // longer than the pause between two polls
        Assert.Equal(1, refused);

        await console.Button("Use key").ClickAsync();
        await Deadline.UntilAsync("it asks again", () => refused == 2);
    }

    [Fact]
    public async Task WebSocket_OfAnOriginThatIsNotAllowed_IsShownAsRefused()
    {
        await using var context = await chromium.NewContextAsync();
        await using var node = await NodeProcess.StartAsync("cluster=none", "Direct:Connections:AllowedOrigins:0=https://chat.example.com");
        var console = await ConsolePage.OpenAsync(context, node);

        await console.Button("Connect").ClickAsync();

        await Expect(console.Tab.GetByText("Not connected: closed without a close frame (1006)")).ToBeVisibleAsync();
    }

    private static async Task TabToAsync(ConsolePage console, string label)
    {
        for (var i = 0; i < 10; i++)
        {
            await console.Tab.Keyboard.PressAsync("Tab");
            if (await console.Field(label).EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }
        }

        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"10 times Tab did not come to '{label}'"));
    }

    private static async Task HideAsync(ConsolePage console, bool isHidden) => await console.Tab.Locator("body").EvaluateAsync(
        "(_, isHidden) => { Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }", isHidden);
}
