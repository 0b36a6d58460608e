using System.Globalization;

namespace Direct.Compare.Options;

/// <summary>Parses cores in the form of <c>taskset -c</c>: <c>0</c>, <c>0,2-3</c>.</summary>
internal static class CoreList
{
    /// <summary>Returns the number of cores in the list; 0 if the text is not a list.</summary>
    public static int Count(string? text)
    {
        var cores = new HashSet<int>();
        foreach (var part in (text ?? "").Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out var first) || !TryParse(ends[^1], out var last) || last < first)
            {
                return 0;
            }

            cores.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return cores.Count;
    }

    private static bool TryParse(string text, out int core) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out core) && core < 4_096;
}
