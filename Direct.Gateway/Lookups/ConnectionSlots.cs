namespace Direct.Gateway.Lookups;

/// <summary>
/// Limits how many connections are used at once: at most the size of the pool, and fewer if the server allows fewer. Callers wait for a slot in the
/// order of their calls.
/// </summary>
internal sealed class ConnectionSlots(int most) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _free = new(most);
    private readonly int _most = most;
    private int _count = most;

    /// <summary>Gets the number of slots now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Waits for a slot. The caller returns it with <see cref="Release"/>, or removes it with <see cref="TryRemove"/>.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    public void Release() => _free.Release();

    /// <summary>
    /// Removes the caller's slot, because the server has refused a connection for it, and the free slots, for which it would refuse one too. The last
    /// slot is never removed. Returns false if the caller still has its slot.
    /// </summary>
    public bool TryRemove()
    {
        lock (_gate)
        {
            while (_count > 1 && _free.Wait(TimeSpan.Zero))
            {
                _count--;
            }

            return _count > 1 && --_count > 0;
        }
    }

    /// <summary>Adds a removed slot again, if there is one, because the server may allow more connections again.</summary>
    public void Restore()
    {
        lock (_gate)
        {
            if (_count == _most)
            {
                return;
            }

            _count++;
        }

        _free.Release();
    }

    public void Dispose() => _free.Dispose();
}
