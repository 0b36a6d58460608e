using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Direct.Clients.Tests.Examples;

/// <summary>
/// Implements a node that answers signals with the responses of the test in order: those that a single node has no reason to send, or none at all. It
/// handles one request per connection, and stops listening after the last response.
/// </summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<(string Text, long At)> _requests = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _answering;

    public ScriptedNode(params ScriptedAnswer[] answers)
    {
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _answering = AnswerAsync(answers);
    }

    public Uri Url { get; }

    /// <summary>Gets the recorded requests: the request line and the body of each.</summary>
    public IReadOnlyList<string> Requests => [.. _requests.Select(request => request.Text)];

    /// <summary>Returns the time between two requests, both counted from 0.</summary>
    public TimeSpan Between(int first, int second)
    {
        var requests = _requests.ToArray();
        return Stopwatch.GetElapsedTime(requests[first].At, requests[second].At);
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _answering;
        _closed.Dispose();
    }

    private async Task AnswerAsync(ScriptedAnswer[] answers)
    {
        try
        {
            foreach (var answer in answers)
            {
                using var client = await _listener.AcceptTcpClientAsync(_closed.Token);
                await using var stream = client.GetStream();
                _requests.Enqueue((await ReadAsync(stream, _closed.Token), Stopwatch.GetTimestamp()));
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer.Render()), _closed.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The node was closed, or the caller has disconnected: the test detects missing requests.
        }
        finally
        {
            _listener.Stop();
        }
    }

    // Reads a head, and then as many bytes as its Content-Length.
    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var bytes = new List<byte>();
        var buffer = new byte[4096];
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. bytes]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var lines = text[..end].Split("\r\n");
                var length = lines.FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1];
                var body = text[(end + 4)..];
                if (body.Length >= int.Parse(length ?? "0", CultureInfo.InvariantCulture))
                {
                    return $"{lines[0]}\n{body}";
                }
            }

            var count = await stream.ReadAsync(buffer, cancellationToken);
            if (count == 0)
            {
                throw new IOException("the request ended before its end");
            }

            bytes.AddRange(buffer.AsSpan(0, count));
        }
    }
}
