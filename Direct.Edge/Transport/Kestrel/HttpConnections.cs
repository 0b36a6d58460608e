using Direct.Edge.Transport.Loop;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Direct.Edge.Transport.Kestrel;

/// <summary>Makes Kestrel answer every request that it has read on a connection, also when its client sends raw UTF-8, or closes its sending side after it.</summary>
internal static class HttpConnections
{
    // How long an idle keep-alive connection stays open after the server was told to stop: a request may be under way on it.
    private static readonly TimeSpan LastRequest = TimeSpan.FromMilliseconds(250);

    /// <summary>Keeps idle connections open for a moment when the server stops, instead of closing them under a request.</summary>
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
    /// Encodes raw UTF-8 in request lines, and answers a client that has closed its sending side after its request. For plain HTTP; the
    /// loops do both themselves.
    /// </summary>
    public static void UseRawRequests(this ListenOptions endpoint) => endpoint.Use(static next => async connection =>
    {
        if (connection is LoopHttpConnection)
        {
            await next(connection);
            return;
        }

        // Kestrel's sockets report a client that sends no more as gone, and Kestrel then answers nothing.
        using var reset = new CancellationTokenSource();
        var transport = connection.Transport;
        connection.ConnectionClosed = reset.Token;
        connection.Transport = new DuplexPipe(new EncodingPipeReader(transport.Input, reset.Cancel), transport.Output);
        await next(connection);
        connection.Transport = transport;
    });
}
