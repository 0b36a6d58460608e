using System.Text.RegularExpressions;
using Direct.Testing.Processes;

namespace Direct.Edge.Tests.Protocol;

/// <summary>docs/coming-from-direct.md names settings that there are.</summary>
public sealed partial class ComingFromDirectTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs");
    private static readonly string Page = File.ReadAllText(Path.Combine(Folder, "coming-from-direct.md"));

    // The code is looked at by the tests of those documents, and is not all within reach of this project.
    private static readonly HashSet<string> Known = [.. SettingsDocuments().SelectMany(File.ReadLines)
        .Where(line => line.StartsWith("| `Direct:", StringComparison.Ordinal))
        .Select(line => line.Split('`')[1])];

    public static TheoryData<string> Named => [.. Key().Matches(Page)
        .Select(match => Entry().Replace(match.Value.Replace("__", ":", StringComparison.Ordinal), ""))
        .Distinct()];

    [Theory]
    [MemberData(nameof(Named))]
    public void Setting_ThatThePageNames_IsInATableOfSettings(string key)
    {
        Assert.Contains(key, Known);
    }

    [Fact]
    public void Page_LinksToFilesThatExist()
    {
        var links = Link().Matches(Page).Select(match => match.Groups[1].Value).Distinct();

        Assert.All(links, link => Assert.True(File.Exists(Path.Combine(Folder, link)), $"{link} is not there"));
    }

    private static IEnumerable<string> SettingsDocuments() => Directory.EnumerateFiles(Folder, "*.md", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) is "settings.md" or "gateway-cluster-settings.md" or "sessions.md");

    // Direct:Signals:Keys:0 and Direct__Signals__Keys__0 are entries of Direct:Signals:Keys.
    [GeneratedRegex("Direct(:|__)[A-Z][A-Za-z]+((:|__)[A-Za-z0-9]+)+")]
    private static partial Regex Key();

    [GeneratedRegex(":[0-9]+$")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\]\(([^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
