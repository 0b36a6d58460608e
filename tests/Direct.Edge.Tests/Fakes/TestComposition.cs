using Direct.Edge.Backplane;
using Direct.Edge.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Tests.Fakes;

/// <summary>
/// Represents a node that is built by its composition root from the settings of a test alone. It starts only when the test calls <see
/// cref="StartAsync"/>.
/// </summary>
internal sealed class TestComposition : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _isStarted;

    private TestComposition(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    /// <param name="settings">Settings as <c>key=value</c>, as on the command line, by full name or by alias.</param>
    public static TestComposition Create(params string[] settings) => Create(null, settings);

    /// <param name="configure">Replaces services with fakes.</param>
    /// <param name="settings">Settings as <c>key=value</c>.</param>
    public static TestComposition Create(Action<IServiceCollection>? configure, params string[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var pairs = settings.Select(setting => setting.Split('=', 2));
        builder.Configuration.AddInMemoryCollection(pairs.Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])));
        builder.WebHost.UseKestrelCore();
        builder.AddDirectEdge(settings);
        builder.AddInProcessBackplane();
        configure?.Invoke(builder.Services);
        return new TestComposition(builder.Build());
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Starts the node on its port.</summary>
    public async Task StartAsync()
    {
        _app.Run(Get<DirectRouter>().HandleAsync);
        await _app.StartAsync();
        _isStarted = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isStarted)
        {
            await _app.StopAsync();
        }

        await _app.DisposeAsync();
    }
}
