using Direct.Edge.Backplane;
using Direct.Edge.Node;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Gateways;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Canaries;

/// <summary>
/// Knows how the canaries of this gateway fare, and says at the gate that no silo reaches it when all of them have failed for
/// <see cref="CanaryOptions.NotReadyAfter"/>. The first one that arrives takes that back.
/// </summary>
/// <remarks>
/// A round that no silo has answered says nothing of the way from the silos, only of the way to them, and the lease judges that. So it counts as failed
/// in metrics, but not here. Two failed rounds at least are needed: a gateway that stood still sees the end of one only, however long it was.
/// </remarks>
internal sealed partial class CanaryBoard(
    IOptions<CanaryOptions> options, NodeGate gate, ClusterMetrics metrics, TimeProvider timeProvider, ILogger<CanaryBoard> logger) : ICanaries
{
    private const int FewestFailedRounds = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Canary> _bySilo = new(StringComparer.Ordinal); // of the silos of the last answer
    private long _number;
    private long _sentAt;
    private long _failingSince;
    private int _failedRounds;
    private bool _isOpen; // the round, until its time is up
    private bool _hasArrived; // one of this round

    /// <summary>Begins a round, and returns its number.</summary>
    public long Begin()
    {
        lock (_gate)
        {
            (_sentAt, _isOpen, _hasArrived) = (timeProvider.GetTimestamp(), true, false);
            return ++_number;
        }
    }

    /// <summary>Notes that a canary has arrived, perhaps late, or before the call that sent it was answered.</summary>
    public void Arrived(string silo, long number)
    {
        lock (_gate)
        {
            if (_isOpen && number == _number && !IsArrived(silo))
            {
                var latency = timeProvider.GetElapsedTime(_sentAt);
                metrics.CanaryArrived(latency);
                _bySilo[silo] = new Canary(number, _sentAt, latency);
                _hasArrived = true;
            }

            Recover();
        }
    }

    /// <summary>Ends a round whose time is up.</summary>
    /// <param name="sent">What the silos have answered; null if they have not.</param>
    /// <param name="isRenewed">Whether the registry still renews the lease.</param>
    public void End(IReadOnlyCollection<SentCanary>? sent, bool isRenewed)
    {
        lock (_gate)
        {
            _isOpen = false;
            if (sent is null)
            {
                metrics.CanaryFailed("unanswered");
                return;
            }

            var known = sent.Where(static canary => canary.Outcome is not CanaryOutcome.Unknown).ToList();
            foreach (var gone in _bySilo.Keys.Except(known.Select(static canary => canary.Silo)).ToList())
            {
                _bySilo.Remove(gone);
            }

            foreach (var (silo, outcome) in known.Where(canary => !IsArrived(canary.Silo)))
            {
                _bySilo[silo] = new Canary(_number, _sentAt, null);
                metrics.CanaryFailed(outcome is CanaryOutcome.Sent ? "not_arrived" : "not_sent");
            }

            if (known.Count == 0)
            {
                Recover(); // no canary can arrive any more that would do it
            }
            else if (!_hasArrived)
            {
                Failed(isRenewed);
            }
        }
    }

    /// <summary>Forgets everything, because the gateway has no lease.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _bySilo.Clear();
            Recover();
        }
    }

    public IReadOnlyList<SiloCanary> Read()
    {
        lock (_gate)
        {
            return
            [
                .. _bySilo.OrderBy(static canary => canary.Key, StringComparer.Ordinal).Select(canary => new SiloCanary(
                    canary.Key, canary.Value.Latency, timeProvider.GetElapsedTime(canary.Value.SentAt), canary.Value.Latency is not null)),
            ];
        }
    }

    private bool IsArrived(string silo) => _bySilo.TryGetValue(silo, out var canary) && canary.Number == _number && canary.Latency is not null;

    private void Failed(bool isRenewed)
    {
        if (_failedRounds++ == 0)
        {
            _failingSince = _sentAt;
        }

        if (isRenewed && gate.UnreachableReason is null && _failedRounds >= FewestFailedRounds
            && timeProvider.GetElapsedTime(_failingSince) >= options.Value.NotReadyAfter)
        {
            gate.UnreachableReason = "no silo can reach this gateway";
            Log.Unreachable(logger, options.Value.NotReadyAfter);
        }
    }

    private void Recover()
    {
        _failedRounds = 0;
        if (gate.UnreachableReason is not null)
        {
            gate.UnreachableReason = null;
            Log.Reached(logger);
        }
    }

    private readonly record struct Canary(long Number, long SentAt, TimeSpan? Latency);

    private static partial class Log
    {
        [LoggerMessage(
            GatewayEventIds.Unreachable,
            LogLevel.Warning,
            "No silo can reach this gateway: the canaries through all of them have failed for {NotReadyAfter}, although its lease is renewed. /readyz answers 503 until one arrives")]
        public static partial void Unreachable(ILogger logger, TimeSpan notReadyAfter);

        [LoggerMessage(GatewayEventIds.Reached, LogLevel.Information, "/readyz no longer answers 503 because of canaries")]
        public static partial void Reached(ILogger logger);
    }
}
