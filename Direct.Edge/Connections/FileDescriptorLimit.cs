using System.Globalization;

namespace Direct.Edge.Connections;

/// <summary>Represents the limit and the use of file descriptors of this process.</summary>
/// <param name="Value">The limit, or <see cref="long.MaxValue"/> if there is none or it is not known.</param>
/// <param name="InUse">The number of descriptors in use: about two for each assembly.</param>
internal sealed record FileDescriptorLimit(long Value, int InUse = 0)
{
    private const string DescriptorsFolder = "/proc/self/fd";
    private const string LimitsFile = "/proc/self/limits";
    private const string RowName = "Max open files";

    /// <summary>Reads the limit of this process on Linux. The runtime has raised the soft limit to the hard limit at its start.</summary>
    public static FileDescriptorLimit OfThisProcess()
    {
        if (!File.Exists(LimitsFile))
        {
            return new FileDescriptorLimit(long.MaxValue);
        }

        // "Max open files            1024                 524288               files"
        var row = File.ReadLines(LimitsFile).FirstOrDefault(line => line.StartsWith(RowName, StringComparison.Ordinal));
        var soft = row?[RowName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return new FileDescriptorLimit(
            long.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : long.MaxValue,
            Directory.EnumerateFileSystemEntries(DescriptorsFolder).Count());
    }
}
