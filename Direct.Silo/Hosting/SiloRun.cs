using System.Net;
using Direct.Silo.Endpoints;
using Microsoft.Extensions.Options;
using OrleansClusterOptions = Orleans.Configuration.ClusterOptions;

namespace Direct.Silo.Hosting;

/// <summary>
/// This run of the silo, as the cluster knows it. Orleans tells the runs of a silo at one address apart by a number, the generation, and
/// takes a run for dead when there is a higher number at its address, or when it does not know the run and the number is over an hour old.
/// </summary>
internal sealed class SiloRun(SiloEndpoints endpoints, IOptions<SiloOptions> silo, IOptions<OrleansClusterOptions> cluster) : ILocalSiloDetails
{
    /// <summary>Gets or sets the number of this run: seconds, by the wall clock until <see cref="ClusterClock"/> knows better. Not changed once the silo starts.</summary>
    public int Generation { get; set; } = SiloAddress.AllocateNewGeneration();

    public string Name => silo.Value.Name!;

    public string ClusterId => cluster.Value.ClusterId;

    public string DnsHostName { get; } = Dns.GetHostName();

    public SiloAddress SiloAddress => SiloAddress.New(endpoints.Address, silo.Value.SiloPort, Generation);

    public SiloAddress GatewayAddress { get; } = SiloAddress.New(endpoints.Address, silo.Value.GatewayPort, 0);
}
