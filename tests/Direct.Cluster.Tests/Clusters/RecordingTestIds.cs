using Direct.Edge.Identity;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Remembers the id that was given last: nobody tells a client who it is.</summary>
internal sealed class RecordingTestIds(ITestIds ids) : ITestIds
{
    public long Last { get; private set; }

    public async ValueTask<long> NextAsync(CancellationToken cancellationToken) => Last = await ids.NextAsync(cancellationToken);
}
