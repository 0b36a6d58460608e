using System.Text.RegularExpressions;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Testing;

/// <summary>Reads the pages of the documentation, and the tables and code blocks in them.</summary>
public static partial class Documents
{
    public static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    /// <summary>Returns the rows of the one table whose header begins with these columns, without the Markdown marks around code.</summary>
    /// <param name="path">The page, relative to the root of the checkout; <c>page.md#a-heading</c> selects the table below one of its headings.</param>
    /// <param name="columns">The first columns of the table.</param>
    public static List<string[]> Table(string path, params string[] columns)
    {
        var lines = path.Split('#') is [var page, var anchor] ? Section(page, anchor) : Read(path).Split('\n');
        var rows = Enumerable.Range(0, lines.Length).Where(i => lines[i].StartsWith('|'));
        var head = Assert.Single(rows, i => Cells(lines[i]).Take(columns.Length).SequenceEqual(columns));
        return [.. lines.Skip(head + 2).TakeWhile(line => line.StartsWith('|')).Select(Cells)];
    }

    /// <summary>Returns the first code block of a language that contains <paramref name="text"/>, unchanged.</summary>
    /// <param name="path">The page, relative to the root of the checkout.</param>
    /// <param name="language">The language after the three backticks.</param>
    /// <param name="text">A part of the block.</param>
    public static string Block(string path, string language, string text = "")
    {
        var block = Fence().Matches(Read(path)).FirstOrDefault(
            match => match.Groups["language"].Value == language && match.Groups["code"].Value.Contains(text, StringComparison.Ordinal));

        Assert.True(block is not null, $"{path} has no ```{language} block with \"{text}\"");
        return block.Groups["code"].Value;
    }

    /// <summary>Returns the anchor of a heading in links, as code hosts derive it.</summary>
    public static string Anchor(string heading) => NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    // Returns the lines from the heading to the next heading of any level.
    private static string[] Section(string page, string anchor)
    {
        var lines = Read(page).Split('\n');
        var heading = Assert.Single(Enumerable.Range(0, lines.Length), i => lines[i].StartsWith('#') && Anchor(lines[i].TrimStart('#', ' ')) == anchor);
        return [.. lines.Skip(heading + 1).TakeWhile(line => !line.StartsWith('#'))];
    }

    [GeneratedRegex("^```(?<language>\\w*)\\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    private static string[] Cells(string row) =>
        [.. row.Trim().Trim('|').Split('|').Select(cell => cell.Trim().Replace("`", "", StringComparison.Ordinal))];
}
