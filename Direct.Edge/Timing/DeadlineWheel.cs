namespace Direct.Edge.Timing;

/// <summary>
/// One timer for every deadline of every connection: a hashed wheel whose entries are the connections themselves, so that a
/// deadline costs no allocation, no task and no timer of its own. Entries lie in the slot of their due time; one that is further
/// away than a turn of the wheel is passed over until its turn has come.
/// </summary>
internal sealed class DeadlineWheel : IDisposable
{
    /// <summary>Specifies the largest delay with which a deadline is noticed.</summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(100);

    private const int SlotCount = 1024;
    private const long SlotMs = 100;

    private readonly Lock _gate = new();
    private readonly Entry?[] _slots = new Entry?[SlotCount];
    private readonly TimeProvider _timeProvider;
    private readonly long _startTimestamp;
    private readonly List<Entry> _due = [];
    private ITimer? _timer;
    private long _nowMs;
    private long _visitedSlot;

    public DeadlineWheel(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _startTimestamp = timeProvider.GetTimestamp();
    }

    /// <summary>Milliseconds since the wheel was made, as of its last tick: cheap, and accurate enough to say when something was last received.</summary>
    public long NowMs => Volatile.Read(ref _nowMs);

    /// <summary>Gets the same without waiting for a tick: for a deadline that must not be short when the process has slept since the last one.</summary>
    public long CurrentMs => (long)_timeProvider.GetElapsedTime(_startTimestamp).TotalMilliseconds;

    /// <summary>Sets <see cref="NowMs"/> to the current time: a process that has slept would take a new entry for as old as its sleep.</summary>
    public void CatchUp() => Volatile.Write(ref _nowMs, CurrentMs);

    public void Start() => _timer = _timeProvider.CreateTimer(static wheel => ((DeadlineWheel)wheel!).Tick(), this, Resolution, Resolution);

    /// <summary>Sets or moves the one deadline of <paramref name="entry"/>.</summary>
    public void Schedule(Entry entry, long dueMs)
    {
        lock (_gate)
        {
            Unlink(entry);
            entry.DueMs = dueMs;
            // Rounded up, so that it is due when its slot is visited; never into a slot that this turn has already visited.
            Link(entry, Math.Max((dueMs + SlotMs - 1) / SlotMs, _visitedSlot + 1));
        }
    }

    public void Cancel(Entry entry)
    {
        lock (_gate)
        {
            Unlink(entry);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Tick()
    {
        // A tick that comes while the last one still runs has nothing to add.
        if (!Monitor.TryEnter(_due))
        {
            return;
        }

        try
        {
            CatchUp();
            CollectDue(_nowMs);
            foreach (var entry in _due)
            {
                entry.OnDue(_nowMs);
            }

            _due.Clear();
        }
        finally
        {
            Monitor.Exit(_due);
        }
    }

    private void CollectDue(long nowMs)
    {
        lock (_gate)
        {
            // After a long pause one whole turn visits everything.
            var last = nowMs / SlotMs;
            for (var slot = Math.Max(_visitedSlot + 1, last - SlotCount + 1); slot <= last; slot++)
            {
                for (var entry = _slots[slot % SlotCount]; entry is not null;)
                {
                    var next = entry.Next;
                    if (entry.DueMs <= nowMs)
                    {
                        Unlink(entry);
                        _due.Add(entry);
                    }

                    entry = next;
                }
            }

            _visitedSlot = Math.Max(_visitedSlot, last);
        }
    }

    private void Link(Entry entry, long slot)
    {
        ref var head = ref _slots[slot % SlotCount];
        entry.Slot = (int)(slot % SlotCount);
        entry.Next = head;
        if (head is not null)
        {
            head.Previous = entry;
        }

        head = entry;
    }

    private void Unlink(Entry entry)
    {
        if (entry.Slot < 0)
        {
            return;
        }

        if (entry.Previous is null)
        {
            _slots[entry.Slot] = entry.Next;
        }
        else
        {
            entry.Previous.Next = entry.Next;
        }

        if (entry.Next is not null)
        {
            entry.Next.Previous = entry.Previous;
        }

        entry.Previous = entry.Next = null;
        entry.Slot = -1;
    }

    /// <summary>Something with one deadline. Its links belong to the wheel.</summary>
    internal abstract class Entry
    {
        internal Entry? Previous { get; set; }

        internal Entry? Next { get; set; }

        internal long DueMs { get; set; }

        internal int Slot { get; set; } = -1;

        /// <summary>Called once, on the wheel's thread and outside its lock, at or after the due time. Must not throw or wait.</summary>
        internal abstract void OnDue(long nowMs);
    }
}
