using Direct.Edge.Node;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>The name of an existing session store in <see cref="SessionOptions.Mode"/>.</summary>
internal sealed record SessionStoreName(string Name);

/// <summary>The session store that this node asks: none in <c>env=test</c>, where everyone is anonymous, and where there is none.</summary>
internal sealed class SessionStoreInUse(IOptions<NodeOptions> node, IOptions<SessionOptions> options, IEnumerable<ISessionStore> stores)
{
    public ISessionStore? Store { get; } = node.Value.IsTest || options.Value.IsNone ? null : stores.LastOrDefault();
}

/// <summary>Keeps it running.</summary>
internal sealed class SessionStoreRun(SessionStoreInUse sessions) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => sessions.Store?.RunAsync(stoppingToken) ?? Task.CompletedTask;
}
