using Direct.Edge.Node;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>Represents the name of a session store, as <see cref="SessionOptions.Mode"/> selects it.</summary>
internal sealed record SessionStoreName(string Name);

/// <summary>
/// Selects the session store of this node. There is none with <c>env=test</c>, where everyone is anonymous, and if no store was added.
/// </summary>
internal sealed class SessionStoreInUse(IOptions<NodeOptions> node, IOptions<SessionOptions> options, IEnumerable<ISessionStore> stores)
{
    public ISessionStore? Store { get; } = node.Value.IsTest || options.Value.IsNone ? null : stores.LastOrDefault();
}

/// <summary>Runs the session store in use.</summary>
internal sealed class SessionStoreRun(SessionStoreInUse sessions) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => sessions.Store?.RunAsync(stoppingToken) ?? Task.CompletedTask;
}
