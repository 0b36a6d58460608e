using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Direct.Telemetry;

/// <summary>
/// Serves <c>/metrics</c>: all metrics, in the text format of Prometheus, version 0.0.4. Nothing runs between two requests; a request reads every
/// instrument once.
/// </summary>
/// <remarks>
/// OpenTelemetry's exporter writes the page. It is a beta, so only this class uses it. It writes into memory and not to the client, because it blocks
/// other requests until its page has been taken.
/// </remarks>
public sealed class MetricsPage : IDisposable
{
    /// <summary>Specifies the path of the page.</summary>
    public const string Path = "/metrics";

    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private const int CollectTimeoutMs = 10_000;

    private readonly SemaphoreSlim _one = new(1);
    private volatile RequestDelegate? _write;

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

        response.ContentType = ContentType;
        response.ContentLength = text.Length;
        if (HttpMethods.IsGet(request.Method))
        {
            await response.BodyWriter.WriteAsync(text, context.RequestAborted);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _one.Dispose();

    /// <summary>
    /// Adds the reader of the page to the metrics. A name is the same for every meter, so neither meters nor the service are labels.
    /// </summary>
    internal static void AddReader(MeterProviderBuilder metrics) => metrics.AddPrometheusExporter(static options =>
    {
        options.ScopeInfoEnabled = false;
        options.TargetInfoEnabled = false;
        options.ScrapeResponseCacheDurationMilliseconds = 0;
        options.ScrapeResponseTimeoutMilliseconds = CollectTimeoutMs;
    });

    /// <summary>Serves the page from these metrics, to which <see cref="AddReader"/> was applied.</summary>
    internal void Open(MeterProvider metrics)
    {
        var pipeline = new ApplicationBuilder(new ServiceCollection().AddOptions().BuildServiceProvider());
        pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
        _write = pipeline.Build();
    }

    /// <summary>Closes the page, so that metrics cannot be read any more.</summary>
    internal void Close() => _write = null;

    /// <summary>Reads the page; null if nothing is measured.</summary>
    internal async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        // Instruments may be slow, and must not block the thread that reads requests.
        await Task.Yield();

        // One request at a time, so that a page shows everything that was counted before it was requested.
        await _one.WaitAsync(cancellationToken);
        try
        {
            using var text = new MemoryStream();
            var scrape = new DefaultHttpContext { Request = { Method = HttpMethods.Get }, Response = { Body = text } };
            if (_write is not { } write)
            {
                return null;
            }

            await write(scrape);
            return scrape.Response.StatusCode is StatusCodes.Status200OK ? text.ToArray() : null;
        }
        finally
        {
            _one.Release();
        }
    }
}
