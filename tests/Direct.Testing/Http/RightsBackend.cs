using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Direct.Testing.Processes;

namespace Direct.Testing.Http;

/// <summary>Implements a backend that answers which rights users have, well or badly.</summary>
public sealed class RightsBackend : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string? Secret, string Body)> _calls = new();
    private HttpListener? _listener;
    private Task _running = Task.CompletedTask;

    /// <param name="isDown">Whether it starts only with <see cref="Start"/>.</param>
    public RightsBackend(bool isDown = false)
    {
        Uri = new Uri($"http://127.0.0.1:{FreePort.Take()}/rights/");
        if (!isDown)
        {
            Start();
        }
    }

    public Uri Uri { get; }

    /// <summary>Gets the settings of a node that uses it.</summary>
    public string[] Settings => ["Direct:Rights:Mode=http", $"Direct:Rights:Url={Uri}", "Direct:Rights:Secret=hush-hush"];

    /// <summary>Gets the rights by user, group and channel; every other one is <see cref="Default"/>.</summary>
    public ConcurrentDictionary<(long User, long Group, long Channel), long> Masks { get; } = new();

    public long Default { get; set; }

    /// <summary>Gets or sets the body of every answer; null for the rights.</summary>
    public string? Body { get; set; }

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    /// <summary>Gets or sets the header <c>Location</c> of every answer.</summary>
    public string? Location { get; set; }

    /// <summary>Gets or sets the right for which a call is answered by 500, whatever else it asks for.</summary>
    public (long User, long Group, long Channel)? FailsFor { get; set; }

    /// <summary>Gets or sets whether calls are never answered.</summary>
    public bool Hangs { get; set; }

    /// <summary>Gets the secret and the body of each call.</summary>
    public IReadOnlyCollection<(string? Secret, string Body)> Calls => _calls;

    public void Start()
    {
        _listener = new HttpListener();
        _listener.Prefixes.Add(Uri.GetLeftPart(UriPartial.Authority) + "/");
        _listener.Start();
        _running = RunAsync(_listener);
    }

    public async Task StopAsync()
    {
        _listener?.Abort();
        await _running;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task RunAsync(HttpListener listener)
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                var body = await reader.ReadToEndAsync();
                _calls.Enqueue((context.Request.Headers["X-Direct-Secret"], body));
                if (!Hangs)
                {
                    Answer(context.Response, Fails(body) ? HttpStatusCode.InternalServerError : Status, Body ?? Masked(body));
                }
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or IOException)
        {
            // stopped
        }
    }

    private void Answer(HttpListenerResponse response, HttpStatusCode status, string body)
    {
        response.StatusCode = (int)status;
        response.ContentType = "application/json";
        if (Location is not null)
        {
            response.RedirectLocation = Location;
        }

        response.Close(Encoding.UTF8.GetBytes(body), willBlock: true);
    }

    private bool Fails(string body) =>
        FailsFor is var (user, group, channel) && body.Contains($"{{\"user\":{user},\"group\":{group},\"channel\":{channel}}}", StringComparison.Ordinal);

    private string Masked(string body)
    {
        using var keys = JsonDocument.Parse(body);
        return $"[{string.Join(',', keys.RootElement.EnumerateArray().Select(key => Masks.GetValueOrDefault((Id(key, "user"), Id(key, "group"), Id(key, "channel")), Default).ToString(CultureInfo.InvariantCulture)))}]";
    }

    private static long Id(JsonElement key, string name) => key.GetProperty(name).GetInt64();
}
