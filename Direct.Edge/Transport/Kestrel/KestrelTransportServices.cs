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

        .Configure<SocketTransportOptions>(static sockets =>
        {
            // A switch to the thread pool for each read and write costs more than the work itself, and nothing here blocks.
            sockets.UnsafePreferInlineScheduling = true;

            // As many connections wait as the kernel allows (net.core.somaxconn). It drops the packets of further ones, and these try again only after
            // 1, 3, 7 and 15 seconds.
            sockets.Backlog = int.MaxValue;
        });
}
