using System.Text.RegularExpressions;

namespace Direct.Testing.Processes;

/// <summary>Represents a released version and its commit, as listed in <c>deploy/releases</c>.</summary>
public sealed partial record Release(Version Version, string Commit)
{
    /// <summary>Returns all releases, oldest first.</summary>
    public static IReadOnlyList<Release> ReadAll() => Parse(File.ReadLines(Path.Combine(Repository.Root, "deploy", "releases")));

    /// <summary>Parses lines of the file. Throws <see cref="FormatException"/> for a line that is neither a comment nor a release.</summary>
    public static IReadOnlyList<Release> Parse(IEnumerable<string> lines) => [.. lines.Where(line => !line.StartsWith('#')).Select(Parse)];

    private static Release Parse(string line) => Line().Match(line) is { Success: true } match
        ? new Release(Version.Parse(match.Groups["version"].Value), match.Groups["commit"].Value)
        : throw new FormatException($"deploy/releases: '{line}' is not a version, a space and the 40 digits of a commit");

    [GeneratedRegex(@"^(?<version>\d+\.\d+\.\d+) (?<commit>[0-9a-f]{40})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
