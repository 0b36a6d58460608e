namespace Direct.Gateway.Publishing;

/// <summary>Counts the bytes that only hung gateways have not acknowledged. They count for the whole gateway, and not for their lanes.</summary>
/// <param name="max">How many there may be.</param>
internal sealed class SetAsideBytes(long max)
{
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Counts more. False when that is too much already.</summary>
    public bool TryAdd(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= max)
        {
            return true;
        }

        Remove(bytes);
        return false;
    }

    /// <summary>They are acknowledged, or given up.</summary>
    public void Remove(int bytes) => Interlocked.Add(ref _bytes, -bytes);
}
