using Direct.Edge.Transport.Loop;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Direct.Edge.Transport.Kestrel;

/// <summary>
/// Makes Kestrel answer every request that it has read on a connection, even if the client sends raw UTF-8 or closes its sending side afterwards.
/// </summary>
internal static class HttpConnections
{
    // How long an idle keep-alive connection stays open after the server was told to stop, because a request may be in flight.
    private static readonly TimeSpan LastRequest = TimeSpan.FromMilliseconds(250);

    /// <summary>Keeps idle connections open for a moment when the server stops, so that a request in flight is answered.</summary>
    public static void UseLastRequest(this ListenOptions endpoint) => endpoint.Use(static next => async connection =>
    {
        var lifetime = connection.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>();
        using var closing = new CancellationTokenSource();
        using var registration = lifetime.ConnectionClosedRequested.UnsafeRegister(
            static closing => ((CancellationTokenSource)closing!).CancelAfter(LastRequest), closing);
        lifetime.ConnectionClosedRequested = closing.Token;
        await next(connection);
    });

    /// <summary>
    /// Encodes raw UTF-8 in request lines, and answers a client that has closed its sending side after its request. It is used for plain HTTP on
    /// Kestrel's sockets; the loops do both themselves.
    /// </summary>
    public static void UseRawRequests(this ListenOptions endpoint) => endpoint.Use(static next => async connection =>
    {
        if (connection is LoopHttpConnection)
        {
            await next(connection);
            return;
        }

        // Kestrel's sockets report a client that has closed its sending side as disconnected, and Kestrel then sends no answer.
        using var reset = new CancellationTokenSource();
        var transport = connection.Transport;
        connection.ConnectionClosed = reset.Token;
        connection.Transport = new DuplexPipe(new EncodingPipeReader(transport.Input, reset.Cancel), transport.Output);
        await next(connection);
        connection.Transport = transport;
    });
}
