using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Tls;

/// <summary>Checks once a minute whether the files of this node's identity have changed, and warns before the certificate expires.</summary>
internal sealed partial class ClusterIdentityWatch(ClusterIdentityFiles files, ILogger<ClusterIdentityWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(7);
    private static readonly TimeSpan WarnAgainAfter = TimeSpan.FromHours(12);

    private DateTimeOffset _warned;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        do
        {
            Look(DateTimeOffset.UtcNow);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Look(DateTimeOffset now)
    {
        if (files.Refresh(now, out var errors))
        {
            if (errors.Count == 0)
            {
                Log.Renewed(logger, files.Current.Certificate.Subject, files.Current.NotAfter);
            }
            else
            {
                Log.NotRenewed(logger, string.Join(' ', errors));
            }
        }

        if (now > files.Current.NotAfter - WarnBefore && now > _warned + WarnAgainAfter)
        {
            _warned = now;
            Log.RunsOut(logger, files.Current.Certificate.Subject, files.Current.NotAfter);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(ClusterEventIds.IdentityRenewed, LogLevel.Information, "The certificate of this node has been read again: {Subject}, valid to {NotAfter:u}. New connections use it.")]
        public static partial void Renewed(ILogger logger, string subject, DateTime notAfter);

        [LoggerMessage(ClusterEventIds.IdentityNotRenewed, LogLevel.Error, "The certificate of this node has changed and cannot be used; the previous one stays in use. {Errors}")]
        public static partial void NotRenewed(ILogger logger, string errors);

        [LoggerMessage(ClusterEventIds.IdentityRunsOut, LogLevel.Warning, "The certificate of this node, {Subject}, is valid to {NotAfter:u} only; without another one no node can connect then.")]
        public static partial void RunsOut(ILogger logger, string subject, DateTime notAfter);
    }
}
