using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Direct.Telemetry;

/// <summary>Lets metrics and traces out of a program. docs/reference/metrics.md says where to.</summary>
public static class DirectTelemetry
{
    /// <summary>
    /// Adds the page of metrics (<see cref="MetricsPage"/>), and the export over OTLP that the standard environment variables ask for.
    /// What is exported names its service as they say.
    /// </summary>
    /// <param name="builder">The program.</param>
    /// <param name="serviceName">The name of the service where nothing else is said.</param>
    public static void AddDirectTelemetry(this IHostApplicationBuilder builder, string serviceName)
    {
        builder.Services.TryAddSingleton(new OtlpSettings(builder.Configuration));
        builder.Services.TryAddSingleton<MetricsPage>();
        builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<TelemetryRun>(provider, serviceName));
    }
}
