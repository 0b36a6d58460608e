using System.Globalization;
using Direct.Testing.Processes;

namespace Direct.Client.Tests.Nodes;

/// <summary>Represents a real node on a port of its own, which a test can kill and start again.</summary>
internal sealed class ClientNode : IAsyncDisposable
{
    public const string Key = "6f1e0d9a55c84b7a9e21b0a7c4d2e1f8";

    private readonly string[] _arguments;
    private readonly int _port = FreePort.Take();
    private NodeProcess? _process;

    private ClientNode(string[] arguments) => _arguments = arguments;

    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{_port}/!direct"));

    /// <summary>Starts a node without a cluster, with direct.2 and a key, whose users are anonymous.</summary>
    public static async Task<ClientNode> StartAsync(params string[] arguments)
    {
        var node = new ClientNode(["cluster=none", "env=production", "sessions=none", "Direct:Connections:Direct2=true", $"Direct:Signals:Keys:0={Key}", .. arguments]);
        await node.StartAgainAsync();
        return node;
    }

    public async Task StartAgainAsync() => _process = await NodeProcess.StartAsync([$"port={_port}", .. _arguments]);

    /// <summary>Ends the process without a close frame or an answer.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    public DirectSignals Signals(string? key = Key, params Uri[] others) => new(
        Options(key, others), new SocketsHttpHandler { AllowAutoRedirect = false });

    public static DirectConnection Connection(Uri url, params DirectRoom[] rooms)
    {
        var options = new DirectConnectionOptions { ReconnectDelay = TimeSpan.FromMilliseconds(100), MaxReconnectDelay = TimeSpan.FromMilliseconds(200) };
        foreach (var room in rooms)
        {
            options.Rooms.Add(room);
        }

        return new DirectConnection(url, options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private DirectSignalsOptions Options(string? key, Uri[] others)
    {
        var options = new DirectSignalsOptions { Key = key };
        foreach (var gateway in others.Append(new Uri($"http://127.0.0.1:{_port}")))
        {
            options.Gateways.Add(gateway);
        }

        return options;
    }
}
