using System.Diagnostics;
using System.Globalization;

namespace Direct.Compare.Machines;

/// <summary>Represents the processor time used up to a moment, in ticks of <c>/proc</c>.</summary>
/// <param name="Timestamp">The moment.</param>
/// <param name="Machine">The time of all programs, without interrupts.</param>
/// <param name="Ours">The time of the server, of this program, and of its child programs that have ended.</param>
internal sealed record ProcessorUse(long Timestamp, long Machine, long Ours)
{
    private const double TicksPerSecond = 100;

    public static ProcessorUse Now(IEnumerable<int> serverPids)
    {
        var own = Fields("/proc/self/stat");
        return new ProcessorUse(
            Stopwatch.GetTimestamp(),
            OfMachine(File.ReadLines("/proc/stat").First()),
            Ticks(own, children: true) + serverPids.Sum(pid => Ticks(Fields($"/proc/{pid}/stat"), children: false)));
    }

    /// <summary>Returns the average number of cores that other programs used.</summary>
    public double OthersSince(ProcessorUse before)
    {
        var seconds = Stopwatch.GetElapsedTime(before.Timestamp, Timestamp).TotalSeconds;
        return Math.Max(0, (Machine - before.Machine - (Ours - before.Ours)) / TicksPerSecond / seconds);
    }

    /// <summary>Returns user, nice and system of <c>cpu  1 2 3 4 …</c>.</summary>
    public static long OfMachine(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(3).Sum(word => long.Parse(word, CultureInfo.InvariantCulture));

    // After the name in brackets, which may contain any text: word 11 is the user's time, 12 the system's, 13 and 14 those of children that have
    // ended.
    private static string[] Fields(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return []; // ended meanwhile
        }
    }

    private static long Ticks(string[] fields, bool children) =>
        fields.Length < 15 ? 0 : fields[11..(children ? 15 : 13)].Sum(word => long.Parse(word, CultureInfo.InvariantCulture));
}
