using System.Net;
using Direct.Edge.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.BackendApi;

/// <summary>
/// Counts refused calls by address, for a minute from the first of them. An address with too many of them must wait, even with a correct key, because
/// guessing would not be limited otherwise. Below that limit a correct key clears the count, so that a caller with an old key does not lock out other
/// callers at the same address.
/// </summary>
internal sealed partial class FailedAttempts(IOptions<SignalOptions> options, TimeProvider timeProvider, ILogger<FailedAttempts> logger)
{
    /// <summary>
    /// Specifies the largest number of addresses that are remembered. Beyond it the oldest is removed, so that an attack cannot use up memory.
    /// </summary>
    public const int MaxAddresses = 10_000;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly int _limit = options.Value.FailedAttemptsPerMinute;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, LinkedListNode<Failures>> _byAddress = [];
    private readonly LinkedList<Failures> _oldestFirst = new();
    private long? _reportedAt;

    /// <summary>Gets the number of addresses that are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byAddress.Count;
            }
        }
    }

    /// <summary>Records a call.</summary>
    /// <param name="address">The accountable address; for IPv6 its /64.</param>
    /// <param name="isRefused">Whether the call is refused because of its key or address.</param>
    /// <returns>How long the address must wait, with any key; null if its key and address decide.</returns>
    public TimeSpan? Note(IPAddress address, bool isRefused)
    {
        if (_limit == 0)
        {
            return null;
        }

        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            ForgetBefore(now);
            var isKnown = _byAddress.TryGetValue(address, out var node);
            if (isKnown && node!.Value.Count >= _limit)
            {
                return Period - timeProvider.GetElapsedTime(node.Value.StartedAt, now);
            }

            if (!isRefused)
            {
                Forget(node);
                return null;
            }

            node ??= Add(address, now);
            if (++node.Value.Count == _limit)
            {
                Report(address, now);
            }

            return null;
        }
    }

    private LinkedListNode<Failures> Add(IPAddress address, long now)
    {
        if (_byAddress.Count == MaxAddresses)
        {
            Forget(_oldestFirst.First);
        }

        var node = _oldestFirst.AddLast(new Failures(address, now));
        _byAddress.Add(address, node);
        return node;
    }

    private void ForgetBefore(long now)
    {
        while (_oldestFirst.First is { } oldest && timeProvider.GetElapsedTime(oldest.Value.StartedAt, now) >= Period)
        {
            Forget(oldest);
        }
    }

    private void Forget(LinkedListNode<Failures>? node)
    {
        if (node is not null)
        {
            _oldestFirst.Remove(node);
            _byAddress.Remove(node.Value.Address);
        }
    }

    // Logs at most once in a while: a line for every address would make the log part of an attack.
    private void Report(IPAddress address, long now)
    {
        if (_reportedAt is { } last && timeProvider.GetElapsedTime(last, now) < Period)
        {
            return;
        }

        _reportedAt = now;
        Log.Limited(logger, _limit, address);
    }

    private sealed class Failures(IPAddress address, long startedAt)
    {
        public IPAddress Address { get; } = address;

        public long StartedAt { get; } = startedAt;

        public int Count { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EdgeEventIds.FailedAttemptsLimited,
            LogLevel.Warning,
            "{Count} signal calls from {Address} were refused within a minute; for the rest of it every one is. "
            + "Other addresses that come to this within a minute are not named here")]
        public static partial void Limited(ILogger logger, int count, IPAddress address);
    }
}
