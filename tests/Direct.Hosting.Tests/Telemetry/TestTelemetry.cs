using System.Diagnostics.Metrics;
using System.Text;
using Direct.Testing.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Direct.Hosting.Tests.Telemetry;

/// <summary>Represents a program with telemetry and a separate meter. Only this meter is checked, because the page may contain others of the process.</summary>
internal sealed class TestTelemetry : IAsyncDisposable
{
    private static int _last;

    private readonly IHost _host;

    private TestTelemetry(IHost host)
    {
        _host = host;
        Prefix = $"test{Interlocked.Increment(ref _last)}";
        Meter = new Meter($"Direct.Test.{Prefix}");
    }

    public Meter Meter { get; }

    /// <summary>Gets the prefix of the names of this test's instruments.</summary>
    public string Prefix { get; }

    public IServiceProvider Services => _host.Services;

    /// <param name="settings">The settings as environment variables: <c>OTEL_SERVICE_NAME=x</c>. The last of several values for one name applies.</param>
    public static async Task<TestTelemetry> StartAsync(params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection();
        foreach (var pair in settings.Select(setting => setting.Split('=', 2)))
        {
            builder.Configuration[pair[0]] = pair[1];
        }

        builder.AddDirectTelemetry("direct-test");
        var telemetry = new TestTelemetry(builder.Build());
        await telemetry._host.StartAsync();
        return telemetry;
    }

    public async Task<string> ReadTextAsync()
    {
        var bytes = await Services.GetRequiredService<MetricsPage>().ReadAsync(CancellationToken.None);
        return Encoding.UTF8.GetString(bytes ?? throw new InvalidOperationException("nothing is measured"));
    }

    /// <summary>Returns the parsed page, which must be valid.</summary>
    public async Task<Exposition> ReadAsync() => Exposition.Parse(await ReadTextAsync());

    /// <summary>Returns the lines of one of this test's families.</summary>
    public async Task<string[]> LinesAsync(string family)
    {
        var text = await ReadTextAsync();
        Exposition.Parse(text);
        return [.. text.Split('\n').Where(line => line.StartsWith(family, StringComparison.Ordinal)
            || line.StartsWith($"# HELP {family} ", StringComparison.Ordinal)
            || line.StartsWith($"# TYPE {family} ", StringComparison.Ordinal))];
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Meter.Dispose();
    }
}
