namespace Direct.Gateway.Sessions;

/// <summary>
/// How many connections are used at once: at most as many as the pool has, and as few as the server allows. Callers wait for a slot in the
/// order in which they came.
/// </summary>
internal sealed class ConnectionSlots(int most) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _free = new(most);
    private readonly int _most = most;
    private int _count = most;

    /// <summary>Gets how many there are now.</summary>
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
    /// Returns the server has refused a connection for the caller's slot. Removes that slot and those that are free, for which it would refuse one
    /// as well; but never the last. False when the caller still has its slot.
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

    /// <summary>Adds a slot that was removed, if there is one: the server may allow more again.</summary>
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
