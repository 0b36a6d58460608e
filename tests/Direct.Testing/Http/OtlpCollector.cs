using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Direct.Testing.Processes;

namespace Direct.Testing.Http;

/// <summary>Receives OTLP exports over HTTP and records them. It can also leave every request unanswered.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _requests = new();
    private readonly Task _running;
    private readonly bool _hangs;

    /// <param name="hangs">Whether requests are never answered.</param>
    public OtlpCollector(bool hangs = false)
    {
        _hangs = hangs;
        Uri = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        _listener.Prefixes.Add(Uri.ToString());
        _listener.Start();
        _running = RunAsync();
    }

    public Uri Uri { get; }

    /// <summary>Gets the paths of all requests received so far.</summary>
    public IReadOnlyList<string> Paths => [.. _requests.Select(request => request.Path)];

    /// <summary>Returns whether the body of a request to this path contained this text, which protobuf encodes as plain UTF-8.</summary>
    public bool HasReceived(string path, string text) =>
        _requests.Any(request => request.Path == path && request.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    public async ValueTask DisposeAsync()
    {
        _listener.Abort();
        await _running;
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                _requests.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray()));
                if (!_hangs)
                {
                    context.Response.Close();
                }
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposing ends the listener.
        }
    }
}
