using System.Net;
using Direct.Clients.Tests.JavaScript;
using Direct.Testing.Processes;

namespace Direct.Clients.Tests.Browser;

/// <summary>
/// Serves one page on loopback at every path, so that tabs have an origin as the pages of a site do, and the built client of
/// <c>clients/js</c> at <c>/client.js</c>.
/// </summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _page;
    private readonly Task _serving;

    /// <summary>Serves <c>page.html</c>.</summary>
    public PageServer()
        : this(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Browser", "page.html")))
    {
    }

    public PageServer(byte[] page)
    {
        _page = page;
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
                var isClient = context.Request.Url?.AbsolutePath == "/client.js";
                context.Response.ContentType = isClient ? "text/javascript" : "text/html; charset=utf-8";
                await context.Response.OutputStream.WriteAsync(isClient ? await File.ReadAllBytesAsync(ClientFolder.Module) : _page);
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException && !_listener.IsListening)
        {
            // The server was closed, which ends this loop.
        }
    }
}
