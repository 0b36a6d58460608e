using System.Text.RegularExpressions;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.CommandLine;

/// <summary>Tests that a node accepts every setting with which docs/coming-from-direct.md restores the old behaviour, without a warning.</summary>
public sealed partial class OldWayTests
{
    [Fact]
    public async Task Start_WithEverySettingOfThePage_IsReadyAndKnowsThemAll()
    {
        var page = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "docs/coming-from-direct.md"), TestContext.Current.CancellationToken);
        var settings = Setting().Matches(page).Select(match => match.Groups[1].Value).ToArray();

        await using var node = await NodeProcess.StartAsync(["env=production", "sessions=none", .. settings]);

        Assert.True(settings.Length >= 12, $"the page has only {settings.Length} settings with a value");
        LogLines.AssertNone(node.Output, line => line.Contains("is unknown", StringComparison.Ordinal));
    }

    [GeneratedRegex("`(Direct:[A-Za-z:0-9]+=[^`]+)`")]
    private static partial Regex Setting();
}
