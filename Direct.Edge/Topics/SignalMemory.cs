using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Direct.Edge.Backplane;
using Direct.Edge.Signals;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Topics;

/// <summary>
/// Remembers the signals that carry an id, with the count of their first delivery, so that a repeat delivers nothing and is answered
/// as the first was. Bounded: when it is full, a signal with a new id is refused rather than sent without protection.
/// </summary>
internal sealed class SignalMemory(IOptions<SignalOptions> options, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long ExpiresAt)> _expiries = new();

    /// <summary>Publishes <paramref name="signal"/> unless its id is remembered.</summary>
    public Delivery Once(in Signal signal, TopicIndex index)
    {
        var fingerprint = Fingerprint(signal);

        // Held while delivering, so that of two tries at once the second sees the first's count. Delivering never waits.
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            Expire(now);
            if (_entries.TryGetValue(signal.Id!, out var known))
            {
                return known.Fingerprint == fingerprint
                    ? new Delivery(ReceiptStatus.Delivered, known.Connections)
                    : new Delivery(ReceiptStatus.IdReused, 0);
            }

            if (_entries.Count >= options.Value.MaxRememberedIds)
            {
                return new Delivery(ReceiptStatus.IdsExhausted, 0);
            }

            var connections = index.Publish(signal.Topic, signal.Target, signal.Payload.Span);
            _entries.Add(signal.Id!, new Entry(fingerprint, connections));
            _expiries.Enqueue((signal.Id!, now + (long)(options.Value.RememberIdsFor.TotalSeconds * timeProvider.TimestampFrequency)));
            return new Delivery(ReceiptStatus.Delivered, connections);
        }
    }

    private void Expire(long now)
    {
        while (_expiries.TryPeek(out var oldest) && oldest.ExpiresAt <= now)
        {
            _entries.Remove(_expiries.Dequeue().Id);
        }
    }

    // Of whom it is for and what it says. 128 bits of SHA-256: no backend can hit another message by accident or design.
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

    private readonly record struct Entry(UInt128 Fingerprint, int Connections);
}
