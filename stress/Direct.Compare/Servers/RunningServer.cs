namespace Direct.Compare.Servers;

/// <summary>What is measured while it runs.</summary>
/// <param name="Pids">All processes whose processor time and memory count.</param>
/// <param name="Urls">Where connections go.</param>
/// <param name="SignalUrl">Where signals go when not to the same place.</param>
/// <param name="Host">The process or the cluster; ended with this.</param>
internal sealed record RunningServer(IReadOnlyList<int> Pids, IReadOnlyList<Uri> Urls, Uri? SignalUrl, IAsyncDisposable? Host)
    : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Host?.DisposeAsync() ?? default;
}
