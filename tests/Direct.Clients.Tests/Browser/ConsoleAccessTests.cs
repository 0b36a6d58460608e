using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Direct.Clients.Tests.Browser;

/// <summary>Tests the accessibility of the console page: names of controls, contrast, narrow screens.</summary>
public sealed class ConsoleAccessTests(Chromium chromium, PlainNode plain) : IClassFixture<PlainNode>
{
    // Returns all accessibility errors as text; tests expect an empty list.
    private const string FindFaults = """
        () => {
          const faults = [];
          const shown = element => element.checkVisibility() && element.getClientRects().length > 0;
          for (const control of document.querySelectorAll('input, select, textarea')) {
            if (control.labels.length === 0 && !control.ariaLabel) faults.push(`no label: ${control.id}`);
          }
          for (const control of document.querySelectorAll('button, a')) {
            if (!(control.ariaLabel ?? control.textContent).trim()) faults.push(`no name: ${control.outerHTML}`);
          }
          for (const reference of document.querySelectorAll('[for], [aria-labelledby], [aria-describedby]')) {
            for (const name of ['for', 'aria-labelledby', 'aria-describedby']) {
              const id = reference.getAttribute(name);
              if (id && !document.getElementById(id)) faults.push(`${name} leads nowhere: ${id}`);
            }
          }
          const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
          ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => faults.push(`twice: ${id}`));
          let level = 0;
          for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
            const next = Number(heading.tagName[1]);
            if (next > level + 1) faults.push(`a level is left out before ${heading.textContent}`);
            level = next;
          }
          if (document.querySelectorAll('h1').length !== 1 || document.querySelectorAll('main').length !== 1) faults.push('not one h1 and main');
          if (!document.documentElement.lang) faults.push('no language');
          for (const picture of document.querySelectorAll('svg')) {
            if (picture.getAttribute('role') !== 'img' || !picture.getAttribute('aria-label')) faults.push('a picture without text');
          }
          for (const scrolled of document.querySelectorAll('*')) {
            if (scrolled.scrollHeight > scrolled.clientHeight + 1 && getComputedStyle(scrolled).overflowY === 'auto' && scrolled.tabIndex < 0) faults.push(`the keyboard cannot scroll ${scrolled.id}`);
          }

          const part = value => { value /= 255; return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
          const light = ([red, green, blue]) => 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
          const numbers = colour => colour.match(/[\d.]+/g).map(Number);
          const back = element => {
            for (let at = element; at; at = at.parentElement) {
              const colour = numbers(getComputedStyle(at).backgroundColor);
              if (colour.length < 4 || colour[3] > 0) return colour;
            }
            return [255, 255, 255];
          };
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const element = texts.currentNode.parentElement;
            if (!texts.currentNode.data.trim() || !shown(element) || element.closest('script, style, :disabled')) continue;
            const [text, behind] = [light(numbers(getComputedStyle(element).color)), light(back(element))];
            const contrast = (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
            if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)}: ${texts.currentNode.data.trim().slice(0, 40)}`);
          }
          return faults;
        }
        """;

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task Page_InAnyLightAndWidth_HasNoFaultsAndDoesNotScrollSideways(int width, ColorScheme scheme)
    {
        await using var browser = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        var console = await ConsolePage.OpenAsync(browser, plain.Process.Port, page => page.Cluster = FakeCluster.Of(["gw-a.a-namespace.svc.cluster.local:8085", "gw-b"], ["gw-c"]));
        await console.ConnectAsync("7", "1");
        await console.Field("Say").FillAsync(new string('x', 300));
        await console.Button("Say to the room").ClickAsync();
        await Expect(console.Frames).ToContainTextAsync("inxxx");
        await console.Button("Explain target").ClickAsync();
        await Expect(console.Region("Signal")).ToContainTextAsync("means");
        await console.Button("Watch").ClickAsync();
        await Expect(console.Tab.GetByRole(AriaRole.Table, new() { Name = "Watched connections" })).ToBeVisibleAsync();

        var faults = await console.Tab.Locator("html").EvaluateAsync<string[]>(FindFaults);
        var (needed, there) = (await console.Tab.Locator("html").EvaluateAsync<int>("html => html.scrollWidth"), width);

        Assert.Empty(faults);
        Assert.InRange(needed, 1, there);
    }

    [Fact]
    public async Task Check_FaultsThatAreThere_AreFound()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);
        await console.Tab.Locator("main").EvaluateAsync(
            """
            main => {
              const add = (name, properties) => main.append(Object.assign(document.createElement(name), properties));
              add('input', { id: 'nameless' });
              add('button', { id: 'token' });
              const faint = document.createElement('p');
              faint.textContent = 'faint';
              faint.style.color = '#999';
              faint.style.background = '#fff';
              main.prepend(faint, Object.assign(document.createElement('h4'), { textContent: 'deep' }));
            }
            """);

        var faults = await console.Tab.Locator("html").EvaluateAsync<string[]>(FindFaults);

        Assert.Contains("no label: nameless", faults);
        Assert.Contains("twice: token", faults);
        Assert.Contains("contrast 2.85: faint", faults);
        Assert.Contains("a level is left out before deep", faults);
        Assert.Contains(faults, fault => fault.StartsWith("no name: <button", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Focus_OfEveryControl_IsSeen()
    {
        await using var context = await chromium.NewContextAsync();
        var console = await ConsolePage.OpenAsync(context, plain.Process);
        await Expect(console.Tab.GetByText("Live, answered by gw-a")).ToBeVisibleAsync();

        for (var i = 0; i < 20; i++)
        {
            await console.Tab.Keyboard.PressAsync("Tab");
            var outline = await console.Tab.Locator(":focus").EvaluateAsync<string>("element => `${element.id} ${getComputedStyle(element).outlineStyle} ${getComputedStyle(element).outlineWidth}`");
            Assert.EndsWith("solid 3px", outline, StringComparison.Ordinal);
        }
    }
}
