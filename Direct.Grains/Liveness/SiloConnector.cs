using System.Net.Sockets;
using Direct.Grains.Tls;

namespace Direct.Grains.Liveness;

/// <inheritdoc />
/// <remarks>
/// The port is that of Orleans, which waits for the first message of a silo for any time. With TLS it waits for the handshake for ten seconds only, so that is made. Nothing is sent
/// after that: a system that holds something which its process has not read when it ends sends a reset instead of a FIN.
/// </remarks>
internal sealed class SiloConnector(ClusterIdentityFiles? identity = null) : ISiloConnector
{
    private const int KeepAliveSeconds = 15;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookPatience = TimeSpan.FromMilliseconds(500);

    public async Task<bool> ConnectUntilClosedAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        using var socket = NewSocket(silo);
        try
        {
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                patience.CancelAfter(ConnectPatience);
                await socket.ConnectAsync(silo.Endpoint, patience.Token);
                if (identity is not null)
                {
                    await ClusterTls.AuthenticateAsync(new NetworkStream(socket), identity, patience.Token);
                }
            }

            // What the silo sends on its own is not of interest here, and need not be decrypted.
            var buffer = new byte[256];
            while (await socket.ReceiveAsync(buffer, cancellationToken) > 0)
            {
            }

            return true;
        }
#pragma warning disable CA1031 // Of a network or of TLS: this is not how a process ends, and it is tried again.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    public async Task<bool> IsRefusedAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LookPatience);
        using var socket = NewSocket(silo);
        try
        {
            await socket.ConnectAsync(silo.Endpoint, patience.Token);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // Keep-alive packets carry no data. Without them, routers forget a connection on which nothing is sent.
    private static Socket NewSocket(SiloAddress silo)
    {
        var socket = new Socket(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
        return socket;
    }
}
