namespace Direct.Stress.Measuring;

/// <summary>Holds the numbers that were skipped and have not arrived, as ranges in ascending order.</summary>
internal sealed class MissingNumbers
{
    private readonly List<(uint First, uint Last)> _ranges = [];

    /// <summary>Adds a range above all others.</summary>
    public void Add(uint first, uint last) => _ranges.Add((first, last));

    /// <summary>Removes a number. Returns false if it is not missing.</summary>
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
