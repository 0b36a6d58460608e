using System.Net;
using Direct.Silo.Endpoints;
using Microsoft.Extensions.Options;
using OrleansClusterOptions = Orleans.Configuration.ClusterOptions;

namespace Direct.Silo.Hosting;

/// <summary>
/// Identifies this run of the silo in the cluster. Orleans distinguishes the runs of a silo at one address by a number, the generation. It considers
/// a run dead if there is a higher number at its address, or if it does not know the run and the number is more than an hour old.
/// </summary>
internal sealed class SiloRun(SiloEndpoints endpoints, IOptions<SiloOptions> silo, IOptions<OrleansClusterOptions> cluster) : ILocalSiloDetails
{
    /// <summary>
    /// Gets or sets the generation of this run, in seconds. It is from the wall clock until <see cref="ClusterClock"/> corrects it, and does not
    /// change after the silo has started.
    /// </summary>
    public int Generation { get; set; } = SiloAddress.AllocateNewGeneration();

    public string Name => silo.Value.Name!;

    public string ClusterId => cluster.Value.ClusterId;

    public string DnsHostName { get; } = Dns.GetHostName();

    public SiloAddress SiloAddress => SiloAddress.New(endpoints.Address, silo.Value.SiloPort, Generation);

    public SiloAddress GatewayAddress { get; } = SiloAddress.New(endpoints.Address, silo.Value.GatewayPort, 0);
}
