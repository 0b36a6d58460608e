using System.Text.Json.Nodes;

namespace Direct.ConformanceDriver;

/// <summary>Writes events for the conformance run to the standard output: a JSON object a line.</summary>
internal static class Events
{
    private static readonly Lock Gate = new();

    public static void Emit(string name, JsonObject? fields = null)
    {
        var line = fields ?? [];
        line["event"] = name;
        lock (Gate)
        {
            Console.Out.WriteLine(line.ToJsonString());
            Console.Out.Flush();
        }
    }
}
