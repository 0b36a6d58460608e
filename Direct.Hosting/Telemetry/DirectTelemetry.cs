using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Direct.Telemetry;

/// <summary>Exports metrics and traces. docs/reference/metrics.md describes the destinations.</summary>
public static class DirectTelemetry
{
    /// <summary>
    /// Adds the page of metrics (<see cref="MetricsPage"/>), and the export over OTLP as the standard environment variables define it,
    /// including the name of the service.
    /// </summary>
    /// <param name="builder">The program.</param>
    /// <param name="serviceName">The default name of the service.</param>
    public static void AddDirectTelemetry(this IHostApplicationBuilder builder, string serviceName)
    {
        builder.Services.TryAddSingleton(new OtlpSettings(builder.Configuration));
        builder.Services.TryAddSingleton<MetricsPage>();
        builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<TelemetryRun>(provider, serviceName));
    }
}
