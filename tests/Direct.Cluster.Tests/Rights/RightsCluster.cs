using System.Net;
using System.Text.Json;
using Direct.Cluster.Tests.Clusters;

namespace Direct.Cluster.Tests.Rights;

/// <summary>
/// Provides a silo and the gateways a and b, which look rights up at a backend. They use an answer for an hour and check memberships only when a backend
/// asks for it.
/// </summary>
public sealed class RightsCluster : IAsyncLifetime
{
    private DirectTestCluster? _cluster;
    private RightsBackend? _backend;

    internal DirectTestCluster Cluster => _cluster!;

    internal RightsBackend Backend => _backend!;

    internal GatewayHost A => Cluster.Gateways[0];

    internal GatewayHost B => Cluster.Gateways[1];

    /// <summary>Asks for a recheck until it is answered 200, and returns the number of checked and of removed memberships.</summary>
    internal static async Task<(long Checked, long Removed)> RecheckAsync(GatewayHost gateway, string part)
    {
        while (true)
        {
            var (status, body) = await gateway.RecheckAsync(part);
            if (status is HttpStatusCode.OK)
            {
                using var json = JsonDocument.Parse(body);
                return (json.RootElement.GetProperty("checked").GetInt64(), json.RootElement.GetProperty("removed").GetInt64());
            }

            Assert.True(status is HttpStatusCode.ServiceUnavailable, $"{status} {body}");
            await Task.Delay(50); // the circuit breaker of the source may be open
        }
    }

    internal static string[] Settings(RightsBackend backend) =>
    [
        "Direct:Rights:Mode=http", $"Direct:Rights:Url={backend.Url}", "Direct:Rights:CacheFor=01:00:00", "Direct:Rights:RecheckInterval=00:00:00",
        "Direct:Limits:JoinsPerSecondPerAddress=100000", "Direct:Limits:JoinBurstPerAddress=100000",
    ];

    public async ValueTask InitializeAsync()
    {
        _backend = await RightsBackend.StartAsync();
        _cluster = await DirectTestCluster.StartAsync(silos: 1, gateways: 0);
        await Cluster.AddGatewayAsync(Settings(Backend));
        await Cluster.AddGatewayAsync(Settings(Backend));
    }

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            _backend.Release();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }
    }
}
