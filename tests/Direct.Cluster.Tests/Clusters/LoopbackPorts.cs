using System.Net;
using System.Net.Sockets;
using Orleans.TestingHost;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Allocates silo ports below the kernel's ephemeral range; the default allocator uses ports inside it.</summary>
internal sealed class LoopbackPorts : ITestClusterPortAllocator
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    public (int, int) AllocateConsecutivePortPairs(int numPorts = 5) => (Take(numPorts), Take(numPorts));

    public void Dispose()
    {
    }

    private static int Take(int count)
    {
        lock (Gate)
        {
            while (true)
            {
                var ports = Enumerable.Range(Random.Shared.Next(5_000, 10_000), count).ToArray();
                if (!ports.Any(Given.Contains) && ports.All(IsFree))
                {
                    Given.UnionWith(ports);
                    return ports[0];
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
