using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Deploy.Tests.Compose;

/// <summary>Represents a node behind haproxy with the configuration of the compose cluster, in which only addresses and ports are changed.</summary>
public sealed class BalancedNode : IAsyncLifetime
{
    public const string Key = "a-key-for-this-test-alone";

    private readonly string _file = Path.GetTempFileName();
    private NodeProcess? _node;
    private Command? _haproxy;

    /// <summary>Gets the port for browsers.</summary>
    public int WebSockets { get; } = FreePort.Take();

    /// <summary>Gets the port for backends.</summary>
    public int Signals { get; } = FreePort.Take();

    public async ValueTask InitializeAsync()
    {
        if (InstalledProgram.Find("haproxy") is not { } program)
        {
            return;
        }

        var management = FreePort.Take();
        _node = await NodeProcess.StartAsync(new NodeOptions
        {
            Arguments = ["env=", "sessions=none", $"Direct:Signals:Keys:0={Key}", $"Direct:Endpoints:ManagementPort={management}"],
            ReadyUri = new Uri($"http://127.0.0.1:{management}/readyz"),
        });
        await File.WriteAllTextAsync(_file, Configuration(_node.Port, management));
        _haproxy = Command.Start(program, ["-db", "-f", _file]);
        using var http = new HttpClient();
        await Deadline.UntilAsync("haproxy leads to the node", () => LeadsAsync(http), actual: () => _haproxy.Output);
    }

    public async ValueTask DisposeAsync()
    {
        if (_haproxy is not null)
        {
            await _haproxy.DisposeAsync();
        }

        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        File.Delete(_file);
    }

    private string Configuration(int port, int management) => Documents.Read(BalancerConfiguration.FilePath)
        .Replace("bind :8085", $"bind 127.0.0.1:{WebSockets}", StringComparison.Ordinal)
        .Replace("bind :9085", $"bind 127.0.0.1:{Signals}", StringComparison.Ordinal)
        .Replace("gateway-1:8085", $"127.0.0.1:{port}", StringComparison.Ordinal)
        .Replace("gateway-1:9085", $"127.0.0.1:{management}", StringComparison.Ordinal)
        .Replace("check port 9085", $"check port {management}", StringComparison.Ordinal)
        .Replace("server gateway-2", "# server gateway-2", StringComparison.Ordinal);

    private async Task<bool> LeadsAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{Signals}/!direct-openapi.json"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
