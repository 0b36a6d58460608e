using System.Net;
using System.Net.Sockets;

namespace Direct.Compare.Servers;

/// <summary>Assigns free ports, each once, so that no server gets the port that the last one has just released.</summary>
internal sealed class Ports(int first)
{
    private const int Range = 500;

    private int _taken;

    public int Take()
    {
        for (var tries = 0; tries < Range; tries++)
        {
            var port = first + (_taken++ % Range);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new CompareException($"no port from {first} to {first + Range - 1} is free; choose others: --port");
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
