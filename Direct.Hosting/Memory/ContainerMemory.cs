using System.Globalization;

namespace Direct.Memory;

/// <summary>
/// Reads the memory of the control group that a process runs in, as the kernel counts it when it decides which process to kill: the heap,
/// all other memory of the process and, with version 2, the kernel's buffers of its sockets.
/// </summary>
/// <remarks>
/// See cgroups(7), and "memory" in the kernel's documents of both versions. The nearest limit above the process counts. A process that is
/// moved into another group after its start still uses the first one.
/// </remarks>
internal sealed class ContainerMemory
{
    // In version 1 the kernel writes the largest number, rounded down to a page, when there is no limit.
    private const long NoLimit = 1L << 60;

    private readonly string _folder;
    private readonly Names _names;
    private readonly long _limit;

    private ContainerMemory(string folder, Names names, long limit) => (_folder, _names, _limit) = (folder, names, limit);

    private static Names Version1 { get; } = new("memory.limit_in_bytes", "memory.usage_in_bytes", ["total_inactive_file", "total_active_file"]);

    private static Names Version2 { get; } = new("memory.max", "memory.current", ["inactive_file", "active_file", "slab_reclaimable"]);

    /// <summary>Returns the group of this process; null if it has no limit, and on systems other than Linux.</summary>
    public static ContainerMemory? OfThisProcess()
    {
        try
        {
            return Find(File.ReadAllLines("/proc/self/cgroup"), File.ReadAllLines("/proc/self/mountinfo"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Returns the nearest group with a limit.</summary>
    /// <param name="groups">The lines of <c>/proc/self/cgroup</c>.</param>
    /// <param name="mounts">The lines of <c>/proc/self/mountinfo</c>.</param>
    public static ContainerMemory? Find(IReadOnlyList<string> groups, IReadOnlyList<string> mounts) =>
        FindIn(groups, mounts, "cgroup", Version1) ?? FindIn(groups, mounts, "cgroup2", Version2);

    /// <summary>Reads the bytes in use, without those that the kernel can reclaim at any time; null if they cannot be read.</summary>
    public ContainerUse? Read()
    {
        try
        {
            var used = Number(Path.Combine(_folder, _names.Usage));
            foreach (var line in File.ReadLines(Path.Combine(_folder, "memory.stat")))
            {
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                if (space > 0 && _names.Reclaimable.Contains(line[..space]))
                {
                    used -= long.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture);
                }
            }

            return new ContainerUse(used, _limit);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private static ContainerMemory? FindIn(IReadOnlyList<string> groups, IReadOnlyList<string> mounts, string fileSystem, Names names)
    {
        // number:controllers:path, the controllers of version 2 being empty
        var group = groups.Select(static line => line.Split(':', 3))
            .FirstOrDefault(parts => parts.Length == 3 && (names == Version1 ? parts[1].Split(',').Contains("memory") : parts[1].Length == 0))?[2];

        // number parent device root mount-point options … - type source options
        var mount = mounts.Select(static line => line.Split(" - ", 2) is [var left, var right] ? (Left: left.Split(' '), Right: right.Split(' ')) : default)
            .FirstOrDefault(parts => parts.Right is [var type, _, var options, ..] && type == fileSystem && (names == Version2 || options.Split(',').Contains("memory"))).Left;
        if (group is null || mount is not [_, _, _, var root, var top, ..])
        {
            return null;
        }

        // In a container the mount may begin at the container's own group, which the path names in full.
        var below = root != "/" && group.StartsWith(root, StringComparison.Ordinal) ? group[root.Length..] : group;
        for (var folder = Path.Join(top, below).TrimEnd('/'); folder.Length >= top.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (LimitOf(Path.Combine(folder, names.Limit)) is { } limit)
            {
                return new ContainerMemory(folder, names, limit);
            }
        }

        return null;
    }

    private static long? LimitOf(string file) =>
        File.Exists(file) && long.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var limit) && limit < NoLimit ? limit : null;

    private static long Number(string file) => long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);

    private sealed record Names(string Limit, string Usage, string[] Reclaimable);
}

/// <summary>Represents the memory that a container uses, and its limit, in bytes.</summary>
internal readonly record struct ContainerUse(long Used, long Limit);
