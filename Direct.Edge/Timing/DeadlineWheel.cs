namespace Direct.Edge.Timing;

/// <summary>
/// Serves all deadlines of all connections with one timer. It is a hashed wheel whose entries are the connections themselves, so that a deadline
/// needs no allocation, no task and no timer of its own. An entry is in the slot of its due time; if that is more than one turn of the wheel away,
/// the entry is skipped until then.
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

    /// <summary>
    /// Gets the milliseconds since the wheel was created, as of its last tick. It is cheap to read, and accurate enough for the time of the last
    /// input.
    /// </summary>
    public long NowMs => Volatile.Read(ref _nowMs);

    /// <summary>
    /// Gets the milliseconds since the wheel was created, as of now. It is used for deadlines that must not be too short when the process was
    /// suspended after the last tick.
    /// </summary>
    public long CurrentMs => (long)_timeProvider.GetElapsedTime(_startTimestamp).TotalMilliseconds;

    /// <summary>
    /// Sets <see cref="NowMs"/> to the current time. Otherwise a process that was suspended would take a new entry for as old as the suspension.
    /// </summary>
    public void CatchUp() => Volatile.Write(ref _nowMs, CurrentMs);

    public void Start() => _timer = _timeProvider.CreateTimer(static wheel => ((DeadlineWheel)wheel!).Tick(), this, Resolution, Resolution);

    /// <summary>Sets or changes the deadline of <paramref name="entry"/>.</summary>
    public void Schedule(Entry entry, long dueMs)
    {
        lock (_gate)
        {
            Unlink(entry);
            entry.DueMs = dueMs;
            // Rounded up, so that the entry is due when its slot is visited, and never in a slot that this turn has already visited.
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
        // A tick that comes while the last one still runs has nothing to do.
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
            // After a long pause, one whole turn visits every slot.
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

    /// <summary>Represents an object with one deadline. Its links belong to the wheel.</summary>
    internal abstract class Entry
    {
        internal Entry? Previous { get; set; }

        internal Entry? Next { get; set; }

        internal long DueMs { get; set; }

        internal int Slot { get; set; } = -1;

        /// <summary>
        /// Handles the deadline. It is called once, on the wheel's thread and outside its lock, at or after the due time. It must not throw or wait.
        /// </summary>
        internal abstract void OnDue(long nowMs);
    }
}
