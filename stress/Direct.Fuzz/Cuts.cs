namespace Direct.Fuzz;

/// <summary>Selects where an input is cut in two, to check that the result does not depend on how the input arrives.</summary>
internal static class Cuts
{
    /// <summary>
    /// Returns every position from 0 to the length of <paramref name="input"/> if there are at most <paramref name="max"/>; otherwise about that
    /// many, evenly spread, of which the first depends on the input.
    /// </summary>
    public static int[] Of(ReadOnlySpan<byte> input, int max)
    {
        var places = input.Length + 1;
        var step = (places + max - 1) / max;
        var hash = 0u;
        foreach (var each in input)
        {
            hash = (hash * 31) + each;
        }

        var first = (int)(hash % (uint)step);
        return [.. Enumerable.Range(0, (places - first + step - 1) / step).Select(i => first + (i * step))];
    }
}
