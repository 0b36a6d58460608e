namespace Direct.Compare.Results;

/// <summary>Represents the median of some runs, and their range.</summary>
internal readonly record struct Statistics(double Median, double Least, double Most)
{
    /// <summary>
    /// Calculates the statistics; null without values. The median of an even number of values is the mean of the two in the middle.
    /// </summary>
    public static Statistics? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? null
            : new Statistics((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
