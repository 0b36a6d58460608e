using Microsoft.Extensions.Configuration;

namespace Direct.Telemetry;

/// <summary>
/// Reads OpenTelemetry's environment variables. The SDK reads most of them itself, but not those that decide whether anything is exported, and of the
/// variables of an exporter only those for all signals.
/// </summary>
internal sealed class OtlpSettings(IConfiguration configuration)
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    private static readonly string[] Signals = ["METRICS", "TRACES"];

    // Settings of an exporter that one signal may have differently. The endpoint is handled separately: see EndpointOf.
    private static readonly string[] PerSignal = ["PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION"];

    /// <summary>Gets whether nothing is measured or traced, including <c>/metrics</c>.</summary>
    public bool IsDisabled => string.Equals(configuration["OTEL_SDK_DISABLED"]?.Trim(), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets whether metrics are exported.</summary>
    public bool ExportsMetrics => Exports("METRICS");

    /// <summary>Gets whether traces are exported.</summary>
    public bool ExportsTraces => Exports("TRACES");

    /// <summary>Gets a sentence for each value that is invalid and therefore ignored.</summary>
    public IEnumerable<string> Errors =>
        from signal in Signals
        from error in ExporterErrors(signal).Concat(EndpointErrors($"{Prefix}{signal}_ENDPOINT"))
            .Concat(signal is "TRACES" ? EndpointErrors($"{Prefix}ENDPOINT") : [])
        select error;

    /// <summary>Gets the configuration from which the SDK creates the exporter of metrics.</summary>
    public IConfiguration ForMetrics => For("METRICS");

    /// <summary>Gets the configuration from which the SDK creates the exporter of traces.</summary>
    public IConfiguration ForTraces => For("TRACES");

    /// <summary>
    /// Gets the endpoint of metrics, which is used as it is. It is null for an endpoint of all signals, to which the SDK appends a path.
    /// </summary>
    public Uri? MetricsEndpoint => EndpointOf("METRICS");

    /// <summary>Gets the endpoint of traces, in the same way.</summary>
    public Uri? TracesEndpoint => EndpointOf("TRACES");

    private bool Exports(string signal)
    {
        if (IsDisabled)
        {
            return false;
        }

        var exporters = Exporters(signal);
        return exporters.Count > 0
            ? exporters.Contains("otlp")
            : EndpointOf(signal) is not null || ToUri(configuration[$"{Prefix}ENDPOINT"]) is not null;
    }

    private HashSet<string> Exporters(string signal) => new(
        (configuration[$"OTEL_{signal}_EXPORTER"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    private IEnumerable<string> ExporterErrors(string signal) =>
        from exporter in Exporters(signal)
        where !(exporter.ToLowerInvariant() is "otlp" or "none" || (signal is "METRICS" && exporter.ToLowerInvariant() is "prometheus"))
        select $"OTEL_{signal}_EXPORTER is '{configuration[$"OTEL_{signal}_EXPORTER"]}'; '{exporter}' is not known here, "
            + "it must be 'otlp' or 'none'";

    private IEnumerable<string> EndpointErrors(string variable) => configuration[variable] is { Length: > 0 } text && ToUri(text) is null
        ? [$"{variable} is '{text}'; it must be a URL: http://collector:4317 for instance"]
        : [];

    private Uri? EndpointOf(string signal) => ToUri(configuration[$"{Prefix}{signal}_ENDPOINT"]);

    private static Uri? ToUri(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;

    private IConfiguration For(string signal) => new ConfigurationBuilder()
        .AddConfiguration(configuration)
        .AddInMemoryCollection(
            from setting in PerSignal
            let own = configuration[$"{Prefix}{signal}_{setting}"]
            where !string.IsNullOrEmpty(own)
            select KeyValuePair.Create($"{Prefix}{setting}", (string?)own))
        .Build();
}
