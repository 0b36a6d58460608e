using Direct.Edge.Connections;
using Direct.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Lifetime;

/// <summary>
/// Gives the host as much time as a drain may take. It runs before errors can be reported; a node that will not start needs no times.
/// </summary>
internal sealed class ShutdownTimeout(SettingsCheck check, IOptions<DrainOptions> drain, IOptions<ConnectionOptions> connections) : IConfigureOptions<HostOptions>
{
    public void Configure(HostOptions options)
    {
        if (check.Errors.Count == 0)
        {
            options.ShutdownTimeout = DrainService.Longest(drain.Value, connections.Value);
        }
    }
}
