using Direct.Crash.Tests.Clusters;
using Direct.Crash.Tests.Histories;
using Direct.Crash.Tests.Scenarios;
using Direct.Testing.Time;

namespace Direct.Crash.Tests.LongRun;

/// <summary>
/// Makes one process at a time fail, chosen by a seed. Each failure ends when the process has been replaced and the cluster has recovered, so that the next one is another
/// single failure: every gateway has confirmed a signal to each topic that was sent after the process was replaced. After a gateway was killed that is when its lease is over.
/// </summary>
internal sealed class FailureDriver(CrashCluster cluster, Tally tally, GapCauses causes, int seed)
{
    private static readonly TimeSpan Copied = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RecoveredWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan WithoutSilo = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan GivenUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan WithinLease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Weights of a hundred. Failures that take longer are rarer.
    private static readonly (FailureKind Kind, int Weight)[] Kinds =
    [
        (FailureKind.SiloKilled, 30), (FailureKind.GatewayKilled, 30), (FailureKind.SiloStopped, 12), (FailureKind.GatewayStopped, 12),
        (FailureKind.SiloFrozen, 8), (FailureKind.GatewayFrozen, 6), (FailureKind.GatewayFrozenBeyondLease, 2),
    ];

#pragma warning disable CA5394 // Failures are repeated by their seed.
    private readonly Random _random = new(seed);

    public FailureKind Choose()
    {
        var left = _random.Next(Kinds.Sum(static kind => kind.Weight));
        return Kinds.First(kind => (left -= kind.Weight) < 0).Kind;
    }

    /// <summary>Makes a process fail, and replaces it. Returns which one it was.</summary>
    public async Task<string> FailAsync(FailureKind kind) => kind switch
    {
        FailureKind.SiloKilled or FailureKind.SiloStopped or FailureKind.SiloFrozen => await FailAsync(kind, cluster.Silos[_random.Next(cluster.Silos.Count)]),
        _ => await FailAsync(kind, cluster.Gateways[_random.Next(cluster.Gateways.Count)]),
    };
#pragma warning restore CA5394

    private async Task<string> FailAsync(FailureKind kind, SiloNode silo)
    {
        var what = FormattableString.Invariant($"silo {silo.SiloPort}{(silo == cluster.RegistrySilo ? " with the registry" : "")}");
        switch (kind)
        {
            case FailureKind.SiloKilled:
                silo.Process.Kill();
                await ResumeRun.LoadAsync(WithoutSilo);
                break;
            case FailureKind.SiloStopped:
                await silo.Process.EndAsync();
                break;
            default:
                await silo.Process.SendAsync("STOP");
                await ResumeRun.LoadAsync(GivenUp);
                await silo.Process.SendAsync("CONT");
                await silo.Process.WaitForExitAsync(Patience);
                break;
        }

        await cluster.StartSiloAsync(silo);
        await RecoverAsync();
        return what;
    }

    private async Task<string> FailAsync(FailureKind kind, GatewayNode gateway)
    {
        switch (kind)
        {
            case FailureKind.GatewayKilled:
                await causes.AddAsync(gateway);
                gateway.Process.Kill();
                cluster.Forget(gateway);
                await cluster.StartGatewayAsync();
                break;
            case FailureKind.GatewayStopped:
                await cluster.StartGatewayAsync();
                cluster.Forget(gateway);
                await causes.AddAsync(gateway);
                await gateway.Process.EndAsync();
                break;
            default:
                await gateway.Process.SendAsync("STOP");
                await ResumeRun.LoadAsync(kind is FailureKind.GatewayFrozen ? WithinLease : CrashTimes.LeaseOver);
                await gateway.Process.SendAsync("CONT");
                await gateway.Process.WaitReadyAsync();
                break;
        }

        await RecoverAsync();
        return gateway.Target.Name;
    }

    private async Task RecoverAsync()
    {
        var replacedAt = Clock.Now;
        await ResumeRun.LoadAsync(Copied);
        IReadOnlyList<string> left = [];
        await Deadline.UntilAsync(
            "all gateways confirm signals to all topics",
            () => (left = tally.NotConfirmedSince(replacedAt)).Count == 0,
            RecoveredWithin,
            () => $"{left.Count} topics are left: {string.Join(' ', left.Take(10))}");
    }
}
