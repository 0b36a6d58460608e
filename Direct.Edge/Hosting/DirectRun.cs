using Direct.Edge.Node;
using Direct.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Hosting;

/// <summary>Runs a node.</summary>
public static class DirectRun
{
    /// <summary>
    /// Runs the node until it is told to end. Returns the exit code: 0 after a drain, and 1 if the node could not start, with every reason on its own
    /// line of standard error.
    /// </summary>
    public static async Task<int> RunDirectAsync(this WebApplication app)
    {
        if (await ProgramStart.RefuseInvalidSettingsAsync("Direct", app.Services) is { } exitCode)
        {
            return exitCode;
        }

        app.Run(app.Services.GetRequiredService<DirectRouter>().HandleAsync);
        var (started, stopping, endpoints) = (app.Lifetime.ApplicationStarted, app.Lifetime.ApplicationStopping, Endpoints(app.Configuration)); // unavailable after a failure
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (OperationCanceledException) when (!started.IsCancellationRequested && stopping.IsCancellationRequested)
        {
            return 0; // told to end while it waited during the start
        }
#pragma warning disable CA1031 // After any failure, such as a port in use or a missing certificate, the operator gets one sentence.
        catch (Exception exception) when (!started.IsCancellationRequested)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"Direct cannot start at {endpoints}: {exception.Message}");
            return 1;
        }
    }

    private static string Endpoints(IConfiguration configuration) => string.Join(", ", configuration.GetSection("Kestrel:Endpoints").GetChildren()
        .Select(endpoint => endpoint["Url"])
        .Prepend($"{configuration[$"{EndpointOptions.SectionName}:Address"] ?? "*"}:{configuration[$"{EndpointOptions.SectionName}:Port"] ?? "8085"}"));
}
