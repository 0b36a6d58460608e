using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Clients.Tests.Browser;

/// <summary>
/// Provides one node for each list of arguments, started when the first test needs it. The tests run one after the other, because they signal to
/// everyone.
/// </summary>
public sealed class ForeignPageNodes : IAsyncDisposable
{
    private readonly Dictionary<string, NodeProcess> _nodes = [];

    /// <summary>Returns the node with these arguments, without connections of earlier tests.</summary>
    public async Task<NodeProcess> StartedAsync(string[] arguments)
    {
        var key = string.Join(' ', arguments);
        if (!_nodes.TryGetValue(key, out var node))
        {
            _nodes.Add(key, node = await NodeProcess.StartAsync(arguments));
        }

        await Deadline.UntilAsync("nobody is connected", async () => (await node.SignalAsync("0,0,0", "is anybody there?")).Delivered == 0);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
        }
    }
}
