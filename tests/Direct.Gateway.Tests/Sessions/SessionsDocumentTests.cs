using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Direct.Gateway.Sessions;
using Direct.Lookups;
using Direct.Testing;
using Direct.Testing.Metrics;

namespace Direct.Gateway.Tests.Sessions;

/// <summary>Tests that the documented session settings and metrics match the code.</summary>
public sealed class SessionsDocumentTests
{
    private const string Document = "docs/reference/settings.md#session-database";

    [Fact]
    public void Settings_Table_IsTheCodes()
    {
        var rows = Documents.Table(Document, "setting", "default", "range", "meaning").Select(row => (row[0], row[1], row[2]));

        var options = new MySqlSessionOptions();
        Assert.Equal(
            typeof(MySqlSessionOptions).GetProperties().Select(setting => (
                $"{MySqlSessionOptions.SectionName}:{setting.Name}", Text(setting.GetValue(options)), RangeOf(setting))),
            rows);
    }

    [Fact]
    public void Metrics_Table_IsTheCodes()
    {
        using var meters = new TestMeters();
        using var metrics = new LookupMetrics(meters, DirectSessions.Area);

        Assert.Equal(MetricsDocument.Of("sessions"), MetricsDocument.Of(meters.Instruments));
        Assert.All(meters.Instruments, instrument => Assert.False(string.IsNullOrWhiteSpace(instrument.Description), instrument.Name));
    }

    private static string RangeOf(PropertyInfo setting) => setting.PropertyType.IsEnum
            ? string.Join(", ", Enum.GetNames(setting.PropertyType).Select(name => name.ToLowerInvariant()))
        : setting.GetCustomAttribute<RangeAttribute>() is not { } range ? ""
        : setting.PropertyType == typeof(TimeSpan) ? $"{Text(Time(range.Minimum))} - {Text(Time(range.Maximum))}"
        : $"{range.Minimum} - {range.Maximum}";

    private static TimeSpan Time(object text) => TimeSpan.Parse((string)text, CultureInfo.InvariantCulture);

    private static string Text(object? value) => value switch
    {
        TimeSpan { Ticks: 0 } => "0",
        TimeSpan { TotalMinutes: >= 1 } time => $"{time.TotalMinutes} min",
        TimeSpan time => $"{time.TotalSeconds} s",
        Enum => $"{value}".ToLowerInvariant(),
        _ => $"{value}",
    };
}
