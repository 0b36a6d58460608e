using System.Text.RegularExpressions;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Architecture.Tests.Documentation;

/// <summary>Represents one page of the documentation: its headings, links and commands. Code blocks are not parsed as Markdown.</summary>
internal sealed partial class Page
{
    private readonly string _text;

    private Page(string path, string source)
    {
        Path = path;
        var code = Fence().Matches(source);
        Code = [.. code.Select(match => match.Groups["code"].Value), .. Indented().Matches(Fence().Replace(source, "")).Select(match => match.Value.TrimEnd())];
        _text = Fence().Replace(source, "");
    }

    /// <summary>Gets the path relative to the root of the checkout.</summary>
    public string Path { get; }

    /// <summary>Gets the code blocks, fenced ones before indented ones.</summary>
    public IReadOnlyList<string> Code { get; }

    /// <summary>Gets the level of each heading, as its number of hash signs.</summary>
    public IReadOnlyList<int> Levels => [.. Heading().Matches(_text).Select(match => match.Groups["level"].Length)];

    public IReadOnlySet<string> Anchors => Heading().Matches(_text).Select(match => Documents.Anchor(match.Groups["text"].Value)).ToHashSet();

    /// <summary>Gets the links to files, each as a file or folder relative to the root of the checkout and an anchor, which may be empty.</summary>
    public IEnumerable<(string Target, string Anchor)> Links =>
        from match in Link().Matches(Span().Replace(_text, ""))
        let target = match.Groups["target"].Value
        where !target.Contains("://", StringComparison.Ordinal)
        let parts = target.Split('#')
        select (parts[0].Length == 0 ? Path : Resolve(parts[0]), parts.Length > 1 ? parts[1] : "");

    public static Page Read(string path) => new(path, Documents.Read(path));

    /// <summary>Returns all pages of the checkout, except those in packages and in build output.</summary>
    public static IEnumerable<string> All() =>
        from file in Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
        let path = System.IO.Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where !path.Split('/').Any(folder => folder is "bin" or "obj" or "node_modules" or "artifacts" or ".git")
        select path;

    private string Resolve(string target) => System.IO.Path.GetRelativePath(
        Repository.Root, System.IO.Path.Combine(Repository.Root, System.IO.Path.GetDirectoryName(Path) ?? "", target)).Replace('\\', '/');

    [GeneratedRegex("^(?<fence>`{3,})[^\\n]*\\n(?<code>.*?)^\\k<fence>$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("(?<=\\n\\n)(    [^\\n]*\\n|\\n(?=    ))+")]
    private static partial Regex Indented();

    [GeneratedRegex("`[^`\\n]*`")]
    private static partial Regex Span();

    [GeneratedRegex("^(?<level>#+) (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
