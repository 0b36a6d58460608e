using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Direct.Gateway.Cluster;

/// <summary>Creates listeners that open no port and never accept a connection.</summary>
internal sealed class ClosedListenerFactory : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new ClosedListener(endpoint));

    private sealed class ClosedListener(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        /// <summary>Waits until the listener is unbound, and then returns null.</summary>
        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => new(_unbound.Task.WaitAsync(cancellationToken));

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => DisposeAsync();

        public ValueTask DisposeAsync()
        {
            _unbound.TrySetResult(null);
            return default;
        }
    }
}
