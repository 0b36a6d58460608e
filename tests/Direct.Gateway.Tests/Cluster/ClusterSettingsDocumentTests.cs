using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Direct.Gateway.Canaries;
using Direct.Gateway.Cluster;
using Direct.Grains.Membership;
using Direct.Settings;
using Direct.Testing;

namespace Direct.Gateway.Tests.Cluster;

/// <summary>Tests that the documented cluster settings match the code.</summary>
public sealed class ClusterSettingsDocumentTests
{
    private const string Document = "docs/reference/settings.md#gateways-in-a-cluster";
    private const long KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

    private static readonly List<string[]> Rows = Documents.Table(Document, "setting", "default", "range", "meaning");

    public static TheoryData<string> Settings => [.. Public().Select(setting => setting.Name)];

    [Fact]
    public void Table_HasEverySettingAndNoOther()
    {
        Assert.Equal(Public().Select(setting => setting.Name), Rows.Select(row => NameOf(row[0])));
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void Row_DefaultAndRange_AreTheCodes(string name)
    {
        var setting = Public().Single(setting => setting.Name == name);
        var row = Rows.Single(row => NameOf(row[0]) == name);

        if (setting.GetValue(Activator.CreateInstance(setting.DeclaringType!)) is { } value)
        {
            Assert.Equal(Text(value, name), row[1]);
        }

        if (setting.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            Assert.Equal(
                (Parse(range.Minimum, setting), Parse(range.Maximum, setting)),
                (Read(row[2].Split('-', 2)[0].Trim()), Read(row[2].Split('-', 2)[1].Trim())));
        }
    }

    [Fact]
    public void RenamedSettings_OfTheCluster_LeadToSettings()
    {
        var renamed = RenamedSettings.All.Where(static setting => setting.Name.StartsWith("Direct:Cluster:", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(renamed);
        Assert.All(renamed, renamed => Assert.Contains(Public(), setting => setting.Name == NameOf(renamed.Name)));
    }

    private static PropertyInfo[] Public() =>
        [.. ((Type[])[typeof(ClusterOptions), typeof(BackplaneOptions), typeof(CanaryOptions)]).SelectMany(options => options.GetProperties(BindingFlags.Public | BindingFlags.Instance))];

    private static string NameOf(string cell) => cell.Split(',')[0].Split(':')[^1];

    private static string Text(object value, string name) => value switch
    {
        TimeSpan time => $"{time.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s",
        int or long when name.EndsWith("Bytes", StringComparison.Ordinal) => $"{Convert.ToInt64(value, CultureInfo.InvariantCulture) / MiB} MiB",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    // Converts a bound to seconds, bytes or a count.
    private static double Parse(object bound, PropertyInfo setting) => setting.PropertyType == typeof(TimeSpan)
        ? TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture).TotalSeconds
        : Convert.ToDouble(bound, CultureInfo.InvariantCulture);

    private static double Read(string text)
    {
        var (number, unit) = text.Split(' ') is [var first, var second] ? (first, second) : (text, "");
        return double.Parse(number, NumberStyles.Number, CultureInfo.InvariantCulture) * unit switch
        {
            "min" => 60,
            "KiB" => KiB,
            "MiB" => MiB,
            "GiB" => GiB,
            _ => 1,
        };
    }
}
