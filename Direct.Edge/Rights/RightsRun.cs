using Microsoft.Extensions.Hosting;

namespace Direct.Edge.Rights;

/// <summary>Runs the look-ups of rights.</summary>
internal sealed class RightsRun(RoomRights rights) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => rights.RunAsync(stoppingToken);
}
