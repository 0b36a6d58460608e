using System.Text.Json;

namespace Direct.Stress.Reports;

/// <summary>Writes the report as one JSON object.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string Write(StressReport report) => JsonSerializer.Serialize(report, Options);
}
