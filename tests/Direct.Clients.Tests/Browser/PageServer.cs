using System.Net;
using Direct.Testing.Processes;

namespace Direct.Clients.Tests.Browser;

/// <summary>Serves <c>page.html</c> on loopback at every path, so that tabs have an origin as the pages of a site do.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _page = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Browser", "page.html"));
    private readonly Task _serving;

    public PageServer()
    {
        Origin = $"http://127.0.0.1:{FreePort.Take()}";
        _listener.Prefixes.Add(Origin + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Origin { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                context.Response.ContentType = "text/html; charset=utf-8";
                await context.Response.OutputStream.WriteAsync(_page);
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException && !_listener.IsListening)
        {
            // The server was closed, which ends this loop.
        }
    }
}
