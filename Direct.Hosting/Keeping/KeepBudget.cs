using Direct.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Keeping;

/// <summary>
/// Bounds what a process keeps for clients that come back: by age, and by the bytes of all topics together. The oldest goes first, whatever topic it
/// belongs to.
/// </summary>
/// <remarks>
/// A queue of tickets remembers the order of arrival. A ticket stays, and counts, until its turn comes, also if its topic has dropped the message before.
/// The lock is the innermost of all: topics add under their own lock, and are called back outside that of the budget.
/// </remarks>
/// <param name="maxBytes">The bytes that may be kept. While memory is short it is half of that, so that keeping gives way before connections are refused.</param>
/// <param name="maxAge">How long a message is kept.</param>
/// <param name="memory">The watch over the memory of the process.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class KeepBudget(long maxBytes, TimeSpan maxAge, IMemoryWatch memory, TimeProvider timeProvider)
{
    /// <summary>Specifies what a ticket takes.</summary>
    public const int TicketBytes = 24;

    private const int ChunkTickets = 512;

    // A publisher drops more than the messages that it adds. So much at once does not delay it, nor the loop that it may run on.
    private const int TicketsPerPublish = 256;

    private readonly Lock _gate = new();

    // Guarded by the gate. Chunks, so that a queue of millions is never copied.
    private readonly Queue<Ticket[]> _chunks = new();
    private Ticket[]? _newest;
    private int _first; // in the oldest chunk
    private int _end; // in the newest

    private long _bytes;

    /// <summary>Gets the bytes that are kept, tickets included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Gets whether the oldest must go because of the bytes.</summary>
    public bool IsExceeded => Bytes > (memory.Pressure is MemoryPressure.None ? maxBytes : maxBytes / 2);

    /// <summary>Creates the budget of a process.</summary>
    /// <param name="provider">The services of the process.</param>
    /// <param name="limits">The settings.</param>
    public static KeepBudget Create(IServiceProvider provider, KeepLimits limits) => new(
        limits.BytesPerProcess > 0 ? limits.BytesPerProcess : provider.GetRequiredService<ProcessMemory>().Available / 8,
        limits.Window,
        provider.GetRequiredService<IMemoryWatch>(),
        provider.GetRequiredService<TimeProvider>());

    /// <summary>Counts bytes that belong to no message, or no longer count if negative.</summary>
    public void Count(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>
    /// Adds a message of a topic, which counts until the topic releases it. Messages of the topic that follow at once need not be added, only
    /// counted: they go with this one if none was added after it, and otherwise with the next.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="ticket">A number that the topic gives the message, above 0.</param>
    /// <param name="bytes">The bytes of the message, or of several.</param>
    public void Add(IKeptTopic topic, long ticket, int bytes)
    {
        Count(bytes + TicketBytes);
        Enqueue(topic, ticket);
    }

    /// <summary>Adds a topic that nothing holds any more. It ends when the budget is exceeded and everything older has gone.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="window">The number of the window, from 1 on.</param>
    public void AddWindow(IKeptTopic topic, long window)
    {
        Count(TicketBytes);
        Enqueue(topic, -window);
    }

    /// <summary>Drops what is too old, and the oldest while the budget is exceeded. The caller holds no lock of a topic.</summary>
    /// <param name="maxTickets">The number of tickets to handle.</param>
    /// <returns>Whether there may be more.</returns>
    public bool Trim(int maxTickets)
    {
        for (var i = 0; i < maxTickets; i++)
        {
            if (!TryDequeue(out var ticket, out var isOld))
            {
                return false;
            }

            Count(-TicketBytes);
            if (ticket.Number > 0)
            {
                ticket.Topic.Evict(ticket.Number);
            }
            else if (!isOld) // otherwise the window ends by itself
            {
                ticket.Topic.EndWindow(-ticket.Number);
            }
        }

        return true;
    }

    /// <summary>Drops some of the oldest messages after a publish, if the budget is exceeded. The caller holds no lock of a topic.</summary>
    public void TrimAfterPublish()
    {
        if (IsExceeded)
        {
            Trim(TicketsPerPublish);
        }
    }

    private void Enqueue(IKeptTopic topic, long number)
    {
        lock (_gate)
        {
            if (_newest is null || _end == ChunkTickets)
            {
                _chunks.Enqueue(_newest = new Ticket[ChunkTickets]);
                _end = 0;
            }

            _newest[_end++] = new Ticket(topic, number, timeProvider.GetTimestamp());
        }
    }

    private bool TryDequeue(out Ticket ticket, out bool isOld)
    {
        (ticket, isOld) = (default, false);
        lock (_gate)
        {
            if (!_chunks.TryPeek(out var oldest) || (oldest == _newest && _first == _end))
            {
                return false;
            }

            ref var first = ref oldest[_first];
            isOld = timeProvider.GetElapsedTime(first.AddedAt) >= maxAge;
            if (!isOld && !IsExceeded)
            {
                return false;
            }

            (ticket, first) = (first, default);
            if (++_first == ChunkTickets || (oldest == _newest && _first == _end))
            {
                _chunks.Dequeue();
                _first = 0;
                _newest = oldest == _newest ? null : _newest;
            }

            return true;
        }
    }

    // A message by the number that its topic gives it, or a window by its negative number.
    private readonly record struct Ticket(IKeptTopic Topic, long Number, long AddedAt);
}
