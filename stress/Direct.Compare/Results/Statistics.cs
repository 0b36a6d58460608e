namespace Direct.Compare.Results;

/// <summary>The median of some runs, and how far apart they were.</summary>
internal readonly record struct Statistics(double Median, double Least, double Most)
{
    /// <summary>Null of nothing. Of an even number the median is the middle between the two in the middle.</summary>
    public static Statistics? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? null
            : new Statistics((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
