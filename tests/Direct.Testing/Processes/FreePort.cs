using System.Net;
using System.Net.Sockets;

namespace Direct.Testing.Processes;

/// <summary>
/// Provides free ports for nodes under test. They are below the kernel's ephemeral range and never returned twice. A port is claimed as long as the
/// test process lives, because other test processes take ports at the same time.
/// </summary>
public static class FreePort
{
    private const int First = 10_300;
    private const int Last = 32_000;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, Socket> Claims = [];

    public static int Take() => Take(1);

    /// <summary>Takes ports that follow each other. Returns the first one.</summary>
    public static int Take(int count)
    {
        lock (Gate)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, Last);
                if (Enumerable.Range(port, count).All(TryTake))
                {
                    return port;
                }
            }
        }
    }

    private static bool TryTake(int port)
    {
        if (Claims.ContainsKey(port) || TryClaim(port) is not { } claim)
        {
            return false;
        }

        Claims.Add(port, claim);
        return IsFree(port);
    }

    // A name in the abstract namespace of Unix sockets belongs to one process. It is free again when that process ends, for any reason.
    private static Socket? TryClaim(int port)
    {
        var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            claim.Bind(new UnixDomainSocketEndPoint($"\0direct-tests-port-{port}"));
            return claim;
        }
        catch (SocketException)
        {
            claim.Dispose();
            return null;
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
