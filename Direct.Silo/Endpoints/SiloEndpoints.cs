using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Direct.Grains.Membership;
using Microsoft.Extensions.Options;

namespace Direct.Silo.Endpoints;

/// <summary>Holds the addresses on which a silo listens and those that other nodes use.</summary>
internal sealed class SiloEndpoints(IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster) : IDisposable
{
    private readonly SiloOptions _options = silo.Value;
    private readonly List<Socket> _claims = [];

    /// <summary>Gets the address that other nodes use.</summary>
    public IPAddress Address { get; } = !cluster.Value.IsMySql ? IPAddress.Loopback
        : silo.Value.Address is { } address ? IPAddress.Parse(address)
        : OfThisMachine();

    public IPEndPoint ListenForSilos => new(ListenAddress, OrElse(_options.ListenSiloPort, _options.SiloPort));

    public IPEndPoint ListenForGateways => new(ListenAddress, OrElse(_options.ListenGatewayPort, _options.GatewayPort));

    /// <summary>Gets the address of the management port; null if there is none.</summary>
    public IPEndPoint? ListenForManagement => _options.ManagementPort == 0 ? null : new(ListenAddress, _options.ManagementPort);

    private IPAddress ListenAddress => _options.ListenAddress switch
    {
        null => Address,
        "*" => IPAddress.Any,
        { } address => IPAddress.Parse(address),
    };

    /// <summary>
    /// Claims the ports until this is disposed, and returns a sentence for each one that is taken. Orleans listens with SO_REUSEPORT: two
    /// silos on one port would both start, and each would get a share of the other's connections. A claim keeps out a silo that
    /// starts between this check and the moment when Orleans listens.
    /// </summary>
    public IEnumerable<string> Claim()
    {
        IPEndPoint[] endpoints = [ListenForSilos, ListenForGateways, .. ListenForManagement is { } management ? (IPEndPoint[])[management] : []];
        return endpoints.Where(endpoint => !TryClaim(endpoint) || !IsFree(endpoint)).Select(endpoint => $"Nothing can listen on {endpoint}: the port is taken, or the address is not of this machine.");
    }

    public void Dispose() => _claims.ForEach(static claim => claim.Dispose());

    // Uses a name that only one socket can have: an abstract one, which belongs to the network like a port and disappears with the process.
    private bool TryClaim(IPEndPoint endpoint)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _claims.Add(claim);
        try
        {
            claim.Bind(new UnixDomainSocketEndPoint($"\0direct-silo {endpoint}"));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool IsFree(IPEndPoint endpoint)
    {
        using var probe = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(endpoint);
            probe.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int OrElse(int port, int otherwise) => port == 0 ? otherwise : port;

    private static IPAddress OfThisMachine() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus is OperationalStatus.Up && network.NetworkInterfaceType is not NetworkInterfaceType.Loopback)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily is AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
        ?? IPAddress.Loopback;
}
