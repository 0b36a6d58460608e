namespace Direct.Stress.Measuring;

/// <summary>Counts errors by their text.</summary>
internal sealed class ErrorCounts
{
    // A server that sends a different text for every error must not fill the memory.
    private const int MaxKinds = 50;

    private readonly Dictionary<string, long> _counts = [];

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Add(string error, long count = 1)
    {
        if (_counts.Count >= MaxKinds && !_counts.ContainsKey(error))
        {
            error = "others";
        }

        _counts[error] = _counts.GetValueOrDefault(error) + count;
    }
}
