using Direct.Testing.Processes;
using Xunit;

namespace Direct.Testing;

/// <summary>The tables of the documents that lie beside the code.</summary>
public static class Documents
{
    public static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    /// <summary>The rows of the one table whose head begins with these columns, without the marks around code.</summary>
    public static List<string[]> Table(string path, params string[] columns)
    {
        var lines = Read(path).Split('\n');
        var rows = Enumerable.Range(0, lines.Length).Where(i => lines[i].StartsWith('|'));
        var head = Assert.Single(rows, i => Cells(lines[i]).Take(columns.Length).SequenceEqual(columns));
        return [.. lines.Skip(head + 2).TakeWhile(line => line.StartsWith('|')).Select(Cells)];
    }

    private static string[] Cells(string row) =>
        [.. row.Trim().Trim('|').Split('|').Select(cell => cell.Trim().Replace("`", "", StringComparison.Ordinal))];
}
