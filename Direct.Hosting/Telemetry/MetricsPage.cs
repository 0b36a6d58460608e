using Microsoft.AspNetCore.Http;
using OpenTelemetry.Metrics;

namespace Direct.Telemetry;

/// <summary>
/// <c>/metrics</c>: everything that is measured, in the text format of Prometheus. Nothing runs between two requests for it; a request
/// asks every instrument once.
/// </summary>
public sealed class MetricsPage : IDisposable
{
    /// <summary>Where it is served.</summary>
    public const string Path = "/metrics";

    private const int CollectTimeoutMs = 10_000;

    private readonly PrometheusExporter _exporter = new();
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Answers a request for the page.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (request, response) = (context.Request, context.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return;
        }

        if (await ReadAsync(context.RequestAborted) is not { } text)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync("Nothing is measured: OTEL_SDK_DISABLED is true, this process is starting or ending, or an instrument failed.\n");
            return;
        }

        response.ContentType = PrometheusText.ContentType;
        response.ContentLength = text.Length;
        if (HttpMethods.IsGet(request.Method))
        {
            await response.BodyWriter.WriteAsync(text, context.RequestAborted);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _exporter.Dispose();
        _one.Dispose();
    }

    /// <summary>What a provider of metrics needs to be read here.</summary>
    internal MetricReader NewReader() => new BaseExportingMetricReader(_exporter);

    /// <summary>The page; null while nothing is measured.</summary>
    internal async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        // Instruments may take their time, and whoever reads requests here must not.
        await Task.Yield();

        // One after the other: whoever waits in the SDK for another's reading holds a thread, whoever waits here none.
        await _one.WaitAsync(cancellationToken);
        try
        {
            return _exporter.Collect?.Invoke(CollectTimeoutMs) is true ? _exporter.Text : null;
        }
        finally
        {
            _one.Release();
        }
    }
}
