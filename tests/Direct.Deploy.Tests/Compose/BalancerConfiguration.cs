using System.Globalization;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Compose;

/// <summary>Reads deploy/compose/haproxy.cfg, and finds haproxy.</summary>
internal static class BalancerConfiguration
{
    public const string FilePath = "deploy/compose/haproxy.cfg";

    private static readonly string[] Lines = [.. Documents.Read(FilePath).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#'))];

    /// <summary>Gets the path of haproxy; skips the test when it is not installed.</summary>
    public static string Program
    {
        get
        {
            var haproxy = InstalledProgram.Find("haproxy");
            Assert.SkipWhen(haproxy is null, "haproxy is missing; install it: apt-get install haproxy");
            return haproxy!;
        }
    }

    /// <summary>Returns the remainder of each line that begins with these words.</summary>
    public static IReadOnlyList<string> All(string words) =>
        [.. Lines.Where(line => line.StartsWith(words + " ", StringComparison.Ordinal)).Select(line => line[(words.Length + 1)..])];

    public static string One(string words) => Assert.Single(All(words));

    /// <summary>Returns the lines of a section, such as a frontend.</summary>
    public static IReadOnlyList<string> Section(string head)
    {
        string[] sections = ["global", "resolvers", "defaults", "frontend", "backend"];
        return [.. Lines.SkipWhile(line => line != head).Skip(1).TakeWhile(line => !sections.Contains(line.Split(' ')[0]))];
    }

    /// <summary>Converts a time in haproxy's format to seconds.</summary>
    public static int Seconds(string time)
    {
        var number = int.Parse(time[..^1], CultureInfo.InvariantCulture);
        return time[^1] switch { 's' => number, 'm' => 60 * number, 'h' => 3600 * number, _ => throw new FormatException(time) };
    }
}
