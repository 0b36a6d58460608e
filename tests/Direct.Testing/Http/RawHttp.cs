using System.Net;
using System.Net.Sockets;
using System.Text;
using Direct.Testing.Time;

namespace Direct.Testing.Http;

/// <summary>Requests written byte by byte, for what HttpClient would refuse to send or would tidy up.</summary>
public static class RawHttp
{
    /// <summary>Sends the bytes on a separate connection and reads one response (status 0 when the peer ends without one).</summary>
    public static Task<HttpAnswer> SendAsync(int port, ReadOnlyMemory<byte> request, TimeSpan? timeout = null, IPAddress? from = null) =>
        Deadline.RunAsync(
            $"an answer on port {port} to {FirstLine(request.Span)}",
            cancellationToken => ExchangeAsync(port, request, from, cancellationToken),
            timeout);

    /// <summary>Sends the text as UTF-8, exactly as it is written.</summary>
    public static Task<HttpAnswer> SendAsync(int port, string request, TimeSpan? timeout = null, IPAddress? from = null) =>
        SendAsync(port, Encoding.UTF8.GetBytes(request), timeout, from);

    /// <summary>Returns a request without a body whose target is sent as written.</summary>
    public static Task<HttpAnswer> RequestAsync(int port, string method, string target, params string[] headers) =>
        SendAsync(port, Head(port, method, target, headers));

    /// <summary>Returns the same from another address of this machine, 127.0.0.9 for instance.</summary>
    public static Task<HttpAnswer> RequestFromAsync(IPAddress from, int port, string method, string target, params string[] headers) =>
        SendAsync(port, Head(port, method, target, headers), from: from);

    /// <summary>Returns a request with a body and its length.</summary>
    public static Task<HttpAnswer> RequestWithBodyAsync(int port, string method, string target, byte[] body, params string[] headers)
    {
        ArgumentNullException.ThrowIfNull(body);
        var head = Encoding.UTF8.GetBytes(Head(port, method, target, [.. headers, $"Content-Length: {body.Length}"]));
        return SendAsync(port, (byte[])[.. head, .. body]);
    }

    private static string Head(int port, string method, string target, string[] headers) =>
        string.Join("\r\n", [$"{method} {target} HTTP/1.1", $"Host: 127.0.0.1:{port}", .. headers, "Connection: close"]) + "\r\n\r\n";

    private static async ValueTask<HttpAnswer> ExchangeAsync(
        int port,
        ReadOnlyMemory<byte> request,
        IPAddress? from,
        CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        using var stream = new NetworkStream(socket);
        var writing = WriteAsync(stream, request, cancellationToken);
        try
        {
            var hasBody = !request.Span.StartsWith("HEAD "u8);
            return await HttpAnswerReader.ReadAsync(new BufferedReader(stream), hasBody, cancellationToken);
        }
        catch (IOException)
        {
            return HttpAnswer.Nothing;
        }
        finally
        {
            socket.Dispose(); // ends a write that the peer no longer takes
            await writing;
        }
    }

    // Beside reading, as clients of HTTP do. A peer that refuses a request answers and closes before it has read everything; when it closes while its
    // window is full, the kernel neither takes the rest nor says so for a minute.
    private static async Task WriteAsync(NetworkStream stream, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(request, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The answer counts, or its absence.
        }
    }

    private static string FirstLine(ReadOnlySpan<byte> request)
    {
        var end = request.IndexOfAny((byte)'\r', (byte)'\n');
        return Encoding.Latin1.GetString(request[..Math.Min(end < 0 ? request.Length : end, 80)]);
    }
}
