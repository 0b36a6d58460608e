using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace Direct.Grains.Liveness;

/// <summary>
/// Makes the system end connections of other silos with this one by a FIN when this process ends. Orleans has it reset them (<c>SO_LINGER</c> with a time of 0, which accepted sockets
/// inherit), and a reset says less: firewalls send them too.
/// </summary>
internal static class OrderlyEnds
{
    private const string Connection = "Orleans.Networking.Shared.SocketConnection";

    private static readonly LingerOption Default = new(false, 0);

    /// <summary>The field of a connection of Orleans that has its socket, which is not public. Null with an Orleans that has no such field: then connections are reset.</summary>
    public static FieldInfo? SocketField { get; } =
        typeof(ConnectionOptions).Assembly.GetType(Connection)?.GetField("_socket", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Prepares the connections that other silos open.</summary>
    public static void Configure(SiloConnectionOptions options) => options.ConfigureSiloInboundConnection(static connection => connection.Use(Prepare));

    private static ConnectionDelegate Prepare(ConnectionDelegate next) => connection =>
    {
        if (SocketField is { } field && field.DeclaringType!.IsInstanceOfType(connection) && field.GetValue(connection) is Socket socket)
        {
            TrySetLinger(socket);
        }

        return next(connection);
    };

    private static void TrySetLinger(Socket socket)
    {
        try
        {
            socket.LingerState = Default;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }
}
