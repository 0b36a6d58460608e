namespace Direct.Compare.Servers;

/// <summary>What is measured while it runs.</summary>
/// <param name="Pids">All processes whose processor time and memory count.</param>
/// <param name="Urls">Where connections go.</param>
/// <param name="SignalUrls">Where signals go; none when to the same places.</param>
/// <param name="Host">The process or the cluster; ended with this.</param>
internal sealed record RunningServer(
    IReadOnlyList<int> Pids, IReadOnlyList<Uri> Urls, IReadOnlyList<Uri> SignalUrls, IAsyncDisposable? Host) : IAsyncDisposable
{
    /// <summary>
    /// Several gateways. The load tool deals out connections and callers in turn, so the addresses for signals begin with the second gateway:
    /// a signal is never sent to the gateway of the connection that it is for.
    /// </summary>
    public static RunningServer OfGateways(IReadOnlyList<int> pids, IReadOnlyList<int> ports, IAsyncDisposable? host) => new(
        pids,
        [.. ports.Select(port => new Uri($"ws://127.0.0.1:{port}/!direct"))],
        [.. ports.Skip(1).Append(ports[0]).Select(port => new Uri($"http://127.0.0.1:{port}/!direct-signal"))],
        host);

    public ValueTask DisposeAsync() => Host?.DisposeAsync() ?? default;
}
