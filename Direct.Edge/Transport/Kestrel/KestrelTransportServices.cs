using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Transport.Kestrel;

/// <summary>Adds the WebSockets that arrive through Kestrel, and the limit of TCP connections of every kind.</summary>
internal static class KestrelTransportServices
{
    public static IServiceCollection AddKestrelTransport(this IServiceCollection services) => services
        .AddSingleton<TcpLimit>()
        .AddSingleton<KestrelTransport>()
        .AddSingleton<IConnectionListenerFactory, BoundedListenerFactory>()

        // A switch to the thread pool for each read and write costs more than the work itself, and nothing here blocks.
        .Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
}
