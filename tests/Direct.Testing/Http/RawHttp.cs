using System.Net;
using System.Net.Sockets;
using System.Text;
using Direct.Testing.Time;

namespace Direct.Testing.Http;

/// <summary>Sends requests as raw bytes, for requests that HttpClient would refuse or normalize.</summary>
public static class RawHttp
{
    /// <summary>Sends the bytes on a separate connection and returns one response, with status 0 when the peer sends none.</summary>
    public static Task<HttpAnswer> SendAsync(int port, ReadOnlyMemory<byte> request, TimeSpan? timeout = null, IPAddress? from = null) =>
        Deadline.RunAsync(
            $"an answer on port {port} to {FirstLine(request.Span)}",
            cancellationToken => ExchangeAsync(port, request, from, cancellationToken),
            timeout);

    /// <summary>Sends the text as UTF-8, unchanged.</summary>
    public static Task<HttpAnswer> SendAsync(int port, string request, TimeSpan? timeout = null, IPAddress? from = null) =>
        SendAsync(port, Encoding.UTF8.GetBytes(request), timeout, from);

    /// <summary>Sends a request without a body, with the target unchanged.</summary>
    public static Task<HttpAnswer> RequestAsync(int port, string method, string target, params string[] headers) =>
        SendAsync(port, Head(port, method, target, headers));

    /// <summary>Sends a request without a body from another address of this machine, 127.0.0.9 for instance.</summary>
    public static Task<HttpAnswer> RequestFromAsync(IPAddress from, int port, string method, string target, params string[] headers) =>
        SendAsync(port, Head(port, method, target, headers), from: from);

    /// <summary>Sends a request with a body and its length.</summary>
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
            socket.Dispose(); // ends a write that the peer no longer reads
            await writing;
        }
    }

    // Writes while the response is read, as HTTP clients do. A peer that refuses a request responds and closes before it has read all of it. When it
    // closes while its receive window is full, the kernel accepts no more bytes and reports no error for a minute.
    private static async Task WriteAsync(NetworkStream stream, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(request, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The test checks the response, or that there is none.
        }
    }

    private static string FirstLine(ReadOnlySpan<byte> request)
    {
        var end = request.IndexOfAny((byte)'\r', (byte)'\n');
        return Encoding.Latin1.GetString(request[..Math.Min(end < 0 ? request.Length : end, 80)]);
    }
}
