using System.Globalization;
using System.Text.RegularExpressions;
using Direct.Edge.Hosting;
using Direct.Settings;

namespace Direct.Edge.Tests.Hosting;

/// <summary>Tests that the documented settings match the code.</summary>
public sealed class SettingsDocumentTests
{
    private static readonly Dictionary<string, string[]> Rows = Documents.Table("docs/reference/settings.md#gateways", "setting", "default", "range", "meaning")
        .Where(row => row[0].StartsWith("Direct:", StringComparison.Ordinal))
        .ToDictionary(row => row[0].Split(',')[0]);

    public static TheoryData<string> WithDefault =>
        [.. Settings.All.Where(setting => setting.Default is int or bool or TimeSpan).Select(setting => setting.Key)];

    public static TheoryData<string> WithRange => [.. Settings.All.Where(setting => setting.Range is not null).Select(setting => setting.Key)];

    [Fact]
    public void Table_EverySetting_HasItsRow()
    {
        Assert.Equal(Settings.All.Select(setting => setting.Key).Order(StringComparer.Ordinal), Rows.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Table_EveryShortWord_IsNamedAtItsSetting()
    {
        var words = Rows.Values.Where(row => row[0].Contains("short", StringComparison.Ordinal)).Select(row => row[0].Split("short ")[1]);

        Assert.Equal(DirectEdge.Aliases.Keys.Order(StringComparer.Ordinal), words.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Table_FormerNames_AreThoseOfTheCode()
    {
        var rows = Documents.Table("docs/reference/settings.md#former-names", "setting", "former name", "renamed after");

        Assert.Equal(
            RenamedSettings.All.Select(setting => (setting.Name, setting.FormerName)).Order(),
            rows.Select(row => (row[0], row[1])).Order());
    }

    [Theory]
    [MemberData(nameof(WithDefault))]
    public void Table_Default_IsTheCodes(string key)
    {
        var setting = Settings.All.Single(setting => setting.Key == key);
        var expected = setting.Default switch
        {
            TimeSpan time => $"{time.TotalSeconds}",
            bool flag => flag ? "true" : "false",
            var other => $"{other}",
        };

        Assert.Equal(expected, setting.Default is bool ? Rows[key][1] : $"{Quantity(Rows[key][1].Split(';')[0])}");
    }

    [Theory]
    [MemberData(nameof(WithRange))]
    public void Table_Range_IsTheCodes(string key)
    {
        var range = Settings.All.Single(setting => setting.Key == key).Range!;
        var ends = Rows[key][2].Split('-');

        // A maximum without a separate row may be omitted when the text is empty.
        if (Rows[key][2].Length > 0)
        {
            Assert.Equal((End(range.Minimum), End(range.Maximum)), (Quantity(ends[0]), Quantity(ends[1])));
        }
    }

    private static decimal End(object end) => end is string text
        ? (decimal)TimeSpan.Parse(text, CultureInfo.InvariantCulture).TotalSeconds
        : Convert.ToDecimal(end, CultureInfo.InvariantCulture);

    // Parses quantities such as "64 KiB", "1,000", "0.5 s" and "5 min".
    private static decimal Quantity(string text)
    {
        var match = Regex.Match(text.Trim(), @"^([0-9.,]+) ?(KiB|MiB|GiB|s|min|h|days?)?$");
        Assert.True(match.Success, $"'{text}' is no quantity");
        return decimal.Parse(match.Groups[1].Value, NumberStyles.Number, CultureInfo.InvariantCulture) * match.Groups[2].Value switch
        {
            "KiB" => 1024,
            "MiB" => 1024 * 1024,
            "GiB" => 1024 * 1024 * 1024,
            "min" => 60,
            "h" => 3600,
            "day" or "days" => 86400,
            _ => 1,
        };
    }
}
