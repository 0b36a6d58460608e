using System.Diagnostics.Metrics;

namespace Direct.Testing.Metrics;

/// <summary>Provides the documented table of all instruments.</summary>
public static class MetricsDocument
{
    /// <summary>Gets the rows of the table.</summary>
    public static IReadOnlyList<(string Instrument, string Family, string Kind, string Unit, string Where)> All { get; } =
        [.. Documents.Table("docs/reference/metrics.md", "instrument", "at /metrics", "kind", "unit", "where", "tags")
            .Select(row => (row[0], row[1], row[2], row[3], row[4]))];

    /// <summary>Returns the documented instruments of one class in their order, each with its kind and unit.</summary>
    public static IEnumerable<string> Of(string where) => All.Where(row => row.Where == where).Select(row => $"{row.Instrument} {row.Kind} {row.Unit}");

    /// <summary>Returns the given instruments in the same form.</summary>
    public static IEnumerable<string> Of(IEnumerable<Instrument> instruments) =>
        instruments.Select(instrument => $"{instrument.Name} {Kind(instrument)} {instrument.Unit}");

    private static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "UpDownCounter" => "up-down counter",
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        "ObservableGauge" => "gauge",
        var other => other,
    };
}
