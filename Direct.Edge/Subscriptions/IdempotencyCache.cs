using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Subscriptions;

/// <summary>
/// Remembers the signals that carry an id, with the count of their first delivery. A repeat delivers nothing and gets the answer of the first. The
/// cache is bounded: when it is full, a signal with a new id is refused, because it could not be protected against repeats.
/// </summary>
/// <remarks>
/// Ids of clients (<see cref="ClientSignalId"/>) have a bound of their own, and one for each user, so that clients take no room from backends, nor one
/// user from the others.
/// </remarks>
internal sealed class IdempotencyCache(IOptions<IdempotencyOptions> options, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long ExpiresAt)> _expiries = new();
    private readonly Dictionary<long, int> _perUser = [];
    private int _ofClients;

    /// <summary>Publishes <paramref name="signal"/> unless its id is remembered.</summary>
    public Delivery DeliverOnce(in Signal signal, KeptTopics topics)
    {
        if (TryRemember(signal.Id!, Fingerprint(signal), out var entry) is { } refusal)
        {
            return new Delivery(refusal, 0);
        }

        // Each id has its own lock. Of two concurrent tries the second gets the count of the first, and no other id waits for the system calls of a
        // delivery.
        lock (entry)
        {
            entry.Publication ??= topics.Publish(signal.Topic, signal.Target, signal.Payload.Span);
            return Delivery.Of(entry.Publication.Value);
        }
    }

    /// <summary>
    /// Does the same on a keeper, for the original dialect: its members get a signal unless its id is remembered. A signal whose id was used for another message
    /// is for nobody. One whose id cannot be remembered is for <c>direct.2</c>, whose members know a repeat by its place in the log.
    /// </summary>
    public StampedDelivery DeliverOnce(in Signal signal, in Stamping stamping, KeptTopics topics)
    {
        if (TryRemember(signal.Id!, Fingerprint(signal), out var entry) is { } refusal)
        {
            var share = new OriginalShare(0, refusal is ReceiptStatus.IdReused);
            return new StampedDelivery(refusal, topics.Deliver(signal.Topic, signal.Target, signal.Payload.Span, stamping, share));
        }

        lock (entry)
        {
            var share = new OriginalShare(entry.Publication?.Connections);
            var delivery = topics.Deliver(signal.Topic, signal.Target, signal.Payload.Span, stamping, share);
            entry.Publication ??= new Publication(delivery.Original, IsKept: false);
            return new StampedDelivery(ReceiptStatus.Delivered, delivery);
        }
    }

    // Finds the entry of an id or adds one. Returns a status if the signal is refused.
    private ReceiptStatus? TryRemember(string id, UInt128 fingerprint, out Entry entry)
    {
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            Expire(now);
            if (_entries.TryGetValue(id, out entry!))
            {
                return entry.Fingerprint == fingerprint ? null : ReceiptStatus.IdReused;
            }

            var user = ClientSignalId.UserOf(id);
            if (IsFull(user))
            {
                return ReceiptStatus.IdsExhausted;
            }

            entry = new Entry(fingerprint);
            _entries.Add(id, entry);
            Count(user, 1);
            _expiries.Enqueue((id, now + (long)(options.Value.IdempotencyWindow.TotalSeconds * timeProvider.TimestampFrequency)));
            return null;
        }
    }

    private void Expire(long now)
    {
        while (_expiries.TryPeek(out var oldest) && oldest.ExpiresAt <= now)
        {
            _entries.Remove(_expiries.Dequeue().Id);
            Count(ClientSignalId.UserOf(oldest.Id), -1);
        }
    }

    private bool IsFull(long? user) => user is { } known
        ? _ofClients >= options.Value.MaxRememberedIds || _perUser.GetValueOrDefault(known) >= options.Value.MaxRememberedIdsPerUser
        : _entries.Count - _ofClients >= options.Value.MaxRememberedIds;

    private void Count(long? user, int change)
    {
        if (user is { } known)
        {
            _ofClients += change;
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_perUser, known, out _);
            count += change;
            if (count == 0)
            {
                _perUser.Remove(known);
            }
        }
    }

    // A hash of the target and the message. It is 128 bits of SHA-256, so that no other message matches by accident or on purpose.
    private static UInt128 Fingerprint(in Signal signal)
    {
        Span<long> target = [signal.Target.Group, signal.Target.Channel, signal.Target.User];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hasher.AppendData(MemoryMarshal.AsBytes(target));
        hasher.AppendData(signal.Payload.Span);
        hasher.GetHashAndReset(hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    /// <summary>Represents the remembered result of an id. It is also the lock of its delivery.</summary>
    private sealed class Entry(UInt128 fingerprint)
    {
        public UInt128 Fingerprint => fingerprint;

        /// <summary>Gets or sets what became of the signal; null until it has been delivered.</summary>
        public Publication? Publication { get; set; }
    }
}
