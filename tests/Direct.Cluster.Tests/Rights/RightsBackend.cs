using System.Collections.Concurrent;
using System.Globalization;
using Direct.Edge.Rights;
using Direct.Testing.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Direct.Cluster.Tests.Rights;

/// <summary>
/// Represents the backend that gateways ask for rights. It reads the rights when a call arrives and may answer much later, so an answer may be out of
/// date when it arrives.
/// </summary>
internal sealed class RightsBackend : IAsyncDisposable
{
    private readonly ConcurrentDictionary<RightsKey, long> _masks = new();
    private readonly ConcurrentDictionary<RightsKey, int> _lookUps = new();
    private readonly WebApplication _app;
    private TaskCompletionSource _open = Opened();

    private RightsBackend(WebApplication app, string url) => (_app, Url) = (app, url);

    public string Url { get; }

    /// <summary>Gets or sets the longest random delay of an answer.</summary>
    public TimeSpan LongestDelay { get; set; }

    /// <summary>Gets or sets whether every call is answered 503.</summary>
    public bool IsDown { get; set; }

    public static async Task<RightsBackend> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Take()}");
        builder.WebHost.UseUrls(url);
        var backend = new RightsBackend(builder.Build(), $"{url}/rights");
        backend._app.MapPost("/rights", backend.AnswerAsync);
        await backend._app.StartAsync();
        return backend;
    }

    /// <summary>Sets the rights of a user in a room, which are 0 until then.</summary>
    public void Set(long user, long group, long channel, long mask) => _masks[new RightsKey(user, group, channel)] = mask;

    /// <summary>Returns how often a right was looked up, held look-ups included.</summary>
    public int LookUps(long user, long group, long channel) => _lookUps.GetValueOrDefault(new RightsKey(user, group, channel));

    /// <summary>Holds the answers to all calls back, until <see cref="Release"/>.</summary>
    public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.DisposeAsync();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task<IResult> AnswerAsync(RightsKey[] keys)
    {
        var open = _open;
        var masks = Array.ConvertAll(keys, key => _masks.GetValueOrDefault(key));
        Array.ForEach(keys, key => _lookUps.AddOrUpdate(key, 1, static (_, count) => count + 1));
        await open.Task;
        await Task.Delay(LongestDelay * Random.Shared.NextDouble());
        return IsDown ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Json(masks);
    }
}
