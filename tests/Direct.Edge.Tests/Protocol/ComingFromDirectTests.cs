using System.Text.RegularExpressions;

namespace Direct.Edge.Tests.Protocol;

/// <summary>Tests that every setting in docs/coming-from-direct.md exists.</summary>
public sealed partial class ComingFromDirectTests
{
    private static readonly string Page = Documents.Read("docs/coming-from-direct.md");

    // Uses the documented settings. Other tests compare these documents with the code, which this project cannot fully reference.
    private static readonly HashSet<string> Known = [.. Documents.Read("docs/reference/settings.md").Split('\n')
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

    // Direct:Signals:Keys:0 and Direct__Signals__Keys__0 are entries of Direct:Signals:Keys.
    [GeneratedRegex("Direct(:|__)[A-Z][A-Za-z]+((:|__)[A-Za-z0-9]+)+")]
    private static partial Regex Key();

    [GeneratedRegex(":[0-9]+$")]
    private static partial Regex Entry();
}
