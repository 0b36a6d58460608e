namespace Direct.Compare.Servers;

/// <summary>Represents a server that runs and is measured.</summary>
/// <param name="Pids">All processes whose processor time and memory count.</param>
/// <param name="Urls">The addresses for connections.</param>
/// <param name="SignalUrls">The addresses for signals; empty if they are the same.</param>
/// <param name="Host">The process or the cluster, which ends with this object.</param>
internal sealed record RunningServer(
    IReadOnlyList<int> Pids, IReadOnlyList<Uri> Urls, IReadOnlyList<Uri> SignalUrls, IAsyncDisposable? Host) : IAsyncDisposable
{
    /// <summary>Gets the subprotocol that connections ask for; null for the original dialect.</summary>
    public string? Protocol { get; init; }

    /// <summary>
    /// Creates a server of several gateways. The load tool distributes connections and callers in rotation, so the addresses for signals begin with
    /// the second gateway. A signal is never sent to the gateway of the connection that it is for.
    /// </summary>
    public static RunningServer OfGateways(IReadOnlyList<int> pids, IReadOnlyList<int> ports, IAsyncDisposable? host) => new(
        pids,
        [.. ports.Select(port => new Uri($"ws://127.0.0.1:{port}/!direct"))],
        [.. ports.Skip(1).Append(ports[0]).Select(port => new Uri($"http://127.0.0.1:{port}/!direct-signal"))],
        host);

    public ValueTask DisposeAsync() => Host?.DisposeAsync() ?? default;
}
