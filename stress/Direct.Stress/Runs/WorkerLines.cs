using System.Text.Json;
using System.Text.Json.Serialization;

namespace Direct.Stress.Runs;

/// <summary>Reads and writes orders and notes as lines of JSON.</summary>
internal static class WorkerLines
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Write<T>(T line) => JsonSerializer.Serialize(line, Options);

    public static T? Read<T>(string line) => JsonSerializer.Deserialize<T>(line, Options);
}
