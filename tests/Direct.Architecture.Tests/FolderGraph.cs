using System.Text;

namespace Direct.Architecture.Tests;

/// <summary>Represents the dependencies between the folders of a project.</summary>
internal sealed class FolderGraph(IEnumerable<FolderReference> references)
{
    private const int Examples = 3;

    private readonly ILookup<string, IGrouping<string, FolderReference>> _edges = references
        .GroupBy(reference => (reference.From, reference.To))
        .SelectMany(edge => edge.GroupBy(reference => reference.To))
        .ToLookup(edge => edge.First().From);

    /// <summary>Returns the same graph with every folder replaced by the top-level folder of the project that contains it.</summary>
    public static FolderGraph OfTopFolders(IEnumerable<FolderReference> references) => new(
        references.Select(reference => reference with { From = Top(reference.From), To = Top(reference.To) }).Where(reference => reference.From != reference.To));

    /// <summary>Describes a shortest cycle, with a few references for each of its edges; null when there is none.</summary>
    public string? FindCycle()
    {
        var cycle = _edges.Select(edges => ShortestCycle(edges.Key)).OfType<List<string>>().MinBy(folders => folders.Count);
        if (cycle is null)
        {
            return null;
        }

        var text = new StringBuilder(string.Join(" -> ", cycle));
        foreach (var (from, to) in cycle.Zip(cycle.Skip(1)))
        {
            var edge = _edges[from].Single(edge => edge.Key == to).Distinct().ToList();
            text.Append($"\n  {from} -> {to}: {edge.Count} references, such as");
            foreach (var reference in edge.Take(Examples))
            {
                text.Append($"\n    {reference}");
            }
        }

        return text.ToString();
    }

    // Searches breadth first, from the start back to it.
    private List<string>? ShortestCycle(string start)
    {
        var cameFrom = new Dictionary<string, string>();
        var waiting = new Queue<string>([start]);
        while (waiting.TryDequeue(out var folder))
        {
            foreach (var next in _edges[folder].Select(edge => edge.Key))
            {
                if (!cameFrom.TryAdd(next, folder))
                {
                    continue;
                }

                if (next != start)
                {
                    waiting.Enqueue(next);
                    continue;
                }

                List<string> cycle = [start];
                do
                {
                    cycle.Add(cameFrom[cycle[^1]]);
                }
                while (cycle[^1] != start);

                cycle.Reverse();
                return cycle;
            }
        }

        return null;
    }

    private static string Top(string folder) => folder.Split('/')[0];
}
