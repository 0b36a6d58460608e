using System.Globalization;

namespace Direct.Testing.Processes;

/// <summary>
/// Represents a control group with a memory limit: the kernel kills a process in it when the limit is exceeded. Creating one needs a privilege, which
/// tests that run as root in a container may have.
/// </summary>
public sealed class MemoryGroup : IDisposable
{
    private readonly string _folder;
    private readonly bool _isVersion2;

    private MemoryGroup(string folder, bool isVersion2) => (_folder, _isVersion2) = (folder, isVersion2);

    /// <summary>Gets the path of the file that a process writes its id to in order to join the group.</summary>
    public string Members => Path.Combine(_folder, "cgroup.procs");

    /// <summary>Gets the peak memory usage of the group.</summary>
    public long PeakBytes => Number(_isVersion2 ? "memory.peak" : "memory.max_usage_in_bytes");

    /// <summary>Gets how many processes the kernel has killed.</summary>
    public long Killed => long.Parse(
        File.ReadLines(Path.Combine(_folder, _isVersion2 ? "memory.events" : "memory.oom_control")).First(static line => line.StartsWith("oom_kill ", StringComparison.Ordinal)).Split(' ')[1],
        CultureInfo.InvariantCulture);

    /// <summary>Creates a group below that of this process. Returns null, with the reason, when that is not possible.</summary>
    public static MemoryGroup? TryCreate(long limitBytes, out string why)
    {
        try
        {
            var mounts = File.ReadAllLines("/proc/self/mountinfo").Select(static line => line.Split(' ')).ToArray();
            var groups = File.ReadAllLines("/proc/self/cgroup").Select(static line => line.Split(':', 3)).ToArray();
            var isVersion2 = !groups.Any(static group => group[1].Split(',').Contains("memory"));
            var own = groups.First(group => isVersion2 ? group[1].Length == 0 : group[1].Split(',').Contains("memory"))[2];
            var top = mounts.First(mount => isVersion2 ? mount.Contains("cgroup2") : mount.Contains("cgroup") && mount[^1].Split(',').Contains("memory"))[4];
            var parent = Directory.Exists(Path.Join(top, own)) ? Path.Join(top, own) : top;
            if (isVersion2)
            {
                File.WriteAllText(Path.Combine(parent, "cgroup.subtree_control"), "+memory");
            }

            var folder = Path.Combine(parent, $"direct-test-{Guid.NewGuid():N}");
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, isVersion2 ? "memory.max" : "memory.limit_in_bytes"), limitBytes.ToString(CultureInfo.InvariantCulture));
            why = "";
            return new MemoryGroup(folder, isVersion2);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            why = $"no control group with a limit of memory can be made here: {exception.Message}";
            return null;
        }
    }

    /// <summary>Removes the group, once every process in it has ended.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: false);
        }
        catch (IOException)
        {
            // A process is still ending. An empty group costs nothing.
        }
    }

    private long Number(string file) => long.Parse(File.ReadAllText(Path.Combine(_folder, file)), CultureInfo.InvariantCulture);
}
