using System.Text.Json;

namespace Direct.Benchmarks.Tests;

/// <summary>Reads budgets.json: the allocation limit in bytes for one operation of each benchmark.</summary>
internal static class Budgets
{
    public const string FileName = "budgets.json";

    public static IReadOnlyDictionary<string, long> All { get; } =
        Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, FileName)));

    /// <summary>Parses an object of names and integers. A duplicate name throws.</summary>
    public static IReadOnlyDictionary<string, long> Parse(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, long>>(json, JsonSerializerOptions.Strict)!;

    /// <summary>Returns the error of a measurement as a sentence; null when it is within its budget.</summary>
    public static string? Error(string benchmark, long allocatedBytes, IReadOnlyDictionary<string, long> budgets) =>
        !budgets.TryGetValue(benchmark, out var budget)
            ? $"{benchmark} has no budget in {FileName}; it allocates {allocatedBytes} bytes an operation."
        : allocatedBytes > budget ? $"{benchmark} allocates {allocatedBytes} bytes an operation; its budget in {FileName} is {budget}."
        : null;
}
