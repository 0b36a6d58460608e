using Direct.Edge.Identity;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Records the last user id that was assigned, because clients are not told their ids.</summary>
internal sealed class RecordingTestIds(ITestIds ids) : ITestIds
{
    public long Last { get; private set; }

    /// <summary>Gets or sets the id of the next token, used once. It lets a test connect one user to several gateways.</summary>
    public long? Next { get; set; }

    public async ValueTask<long> NextAsync(CancellationToken cancellationToken)
    {
        Last = Next ?? await ids.NextAsync(cancellationToken);
        Next = null;
        return Last;
    }
}
