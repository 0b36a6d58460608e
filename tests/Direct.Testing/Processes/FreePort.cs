using System.Net;
using System.Net.Sockets;

namespace Direct.Testing.Processes;

/// <summary>Ports for nodes under test: free, below the range the kernel hands out itself, never given twice.</summary>
public static class FreePort
{
    private const int First = 10_300;
    private const int Last = 32_000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    public static int Take()
    {
        lock (Gate)
        {
            while (true)
            {
                // Random, because several test assemblies may look for ports at the same time.
                var port = Random.Shared.Next(First, Last);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
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
