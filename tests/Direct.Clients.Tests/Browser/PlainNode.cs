using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Browser;

/// <summary>Represents a node with default settings for the tests of one class that do not end it. They run one after the other.</summary>
public sealed class PlainNode : IAsyncLifetime
{
    private NodeProcess? _process;

    public NodeProcess Process => _process!;

    public async ValueTask InitializeAsync() => _process = await NodeProcess.StartAsync();

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
