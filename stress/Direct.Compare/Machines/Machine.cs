using System.Globalization;
using System.Runtime.InteropServices;

namespace Direct.Compare.Machines;

/// <summary>Represents the machine on which the figures were measured.</summary>
internal sealed record Machine(string Processor, int Cores, string System, string Runtime, string LoadAverage)
{
    public static Machine Describe() => new(
        Find("/proc/cpuinfo", "model name", ':') ?? "unknown processor",
        Environment.ProcessorCount,
        Find("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)) : "unknown");

    /// <summary>Returns why measurements on this machine are not reliable, as a sentence; null if there is no reason.</summary>
    public static string? Error(string? serverCore, string? loaderCore)
    {
        var cores = Environment.ProcessorCount;
        var needed = new[] { serverCore, loaderCore }.OfType<string>().SelectMany(list => list.Split(',', '-'))
            .Select(word => int.Parse(word, CultureInfo.InvariantCulture)).DefaultIfEmpty(-1).Max() + 1;
        return !OperatingSystem.IsLinux() ? "measuring needs Linux, for its /proc and taskset."
            : needed > cores ? $"core {needed - 1} is asked for and there are {cores}, from 0; see --server-core and --loader-core."
            : null;
    }

    private static string? Find(string path, string key, char separator) => !File.Exists(path)
        ? null
        : File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(separator, 2)[1].Trim();
}
