namespace Direct.Stress.Measuring;

/// <summary>Holds numbers of messages as ranges in ascending order.</summary>
internal sealed class NumberRanges
{
    private readonly List<(uint First, uint Last)> _ranges = [];

    public static NumberRanges Empty { get; } = new();

    public IReadOnlyList<(uint First, uint Last)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>Adds the numbers of a range that are above all others.</summary>
    public void Add(uint first, uint last)
    {
        first = _ranges.Count == 0 ? first : Math.Max(first, _ranges[^1].Last + 1);
        if (first <= last)
        {
            _ranges.Add((first, last));
        }
    }

    /// <summary>Removes a number. Returns false if it is not one of these.</summary>
    public bool Remove(uint number)
    {
        var at = Find(number);
        if (at < 0)
        {
            return false;
        }

        var (first, last) = _ranges[at];
        _ranges.RemoveAt(at);
        if (number < last)
        {
            _ranges.Insert(at, (number + 1, last));
        }

        if (number > first)
        {
            _ranges.Insert(at, (first, number - 1));
        }

        return true;
    }

    public bool Contains(uint number) => Find(number) >= 0;

    private int Find(uint number)
    {
        var (low, high) = (0, _ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var (first, last) = _ranges[middle];
            if (number < first)
            {
                high = middle - 1;
            }
            else if (number > last)
            {
                low = middle + 1;
            }
            else
            {
                return middle;
            }
        }

        return -1;
    }
}
