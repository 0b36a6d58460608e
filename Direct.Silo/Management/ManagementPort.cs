using Direct.Health;
using Direct.Silo.Endpoints;
using Direct.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Direct.Silo.Management;

/// <summary>
/// Serves <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c> over plain HTTP, for operators and orchestrators. It listens from before the silo joins
/// its cluster until the silo has left it.
/// </summary>
internal sealed class ManagementPort(SiloEndpoints endpoints, SiloHealth health, MetricsPage metrics) : IHostedLifecycleService, IAsyncDisposable
{
    private WebApplication? _app;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (endpoints.ListenForManagement is not { } endpoint)
        {
            return;
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(endpoint, static listen => listen.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/livez" => HealthAnswer.LiveAsync(context),
        "/readyz" => health.ReadyAsync(context),
        MetricsPage.Path => metrics.HandleAsync(context),
        _ => NothingAsync(context),
    };

    private static Task NothingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("Nothing here: a silo answers /livez, /readyz and /metrics.\n");
    }
}
