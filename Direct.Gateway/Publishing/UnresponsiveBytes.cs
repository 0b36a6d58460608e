namespace Direct.Gateway.Publishing;

/// <summary>
/// Counts the bytes that only unresponsive gateways have not acknowledged. They count for the whole gateway and not for their lanes.
/// </summary>
/// <param name="max">The limit.</param>
internal sealed class UnresponsiveBytes(long max)
{
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Adds bytes. Returns false, and adds nothing, if that would exceed the limit.</summary>
    public bool TryAdd(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= max)
        {
            return true;
        }

        Remove(bytes);
        return false;
    }

    /// <summary>Removes bytes that are acknowledged or dropped.</summary>
    public void Remove(int bytes) => Interlocked.Add(ref _bytes, -bytes);
}
