using System.Text.RegularExpressions;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.Coverage;

/// <summary>
/// Represents a test of another project, which this one does not reference, so its source is read instead.
/// </summary>
/// <param name="Project">Its project, a folder of <c>tests</c>.</param>
/// <param name="Class">Its class with the folders it is in: <c>Routing/JoinTests</c>.</param>
/// <param name="Method">Its method.</param>
public sealed record TestElsewhere(string Project, string Class, string Method)
{
    /// <summary>Gets whether the source has a method of that name that is a test, and one that runs.</summary>
    public bool Runs => File.Exists(Path) && IsTest(File.ReadAllText(Path));

    private string Path => System.IO.Path.Combine(Repository.Root, "tests", Project, $"{Class}.cs");

    /// <summary>Returns whether <see cref="Method"/> is a test in this text of a class.</summary>
    public bool IsTest(string source)
    {
        // The attributes that stand right before it, each on lines of its own.
        var found = Regex.Match(source, $@"(?<attributes>(^[ ]+\[.*\]\r?\n)+)[ ]+public (async Task|void) {Regex.Escape(Method)}\(", RegexOptions.Multiline);
        var attributes = found.Groups["attributes"].Value;
        return found.Success && Regex.IsMatch(attributes, @"\[(Fact|Theory)\b") && !attributes.Contains("Skip", StringComparison.Ordinal);
    }

    public override string ToString() => $"{Project}: {System.IO.Path.GetFileName(Class)}.{Method}";
}
