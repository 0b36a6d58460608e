using Direct.Edge.Identity;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Remembers the id that was given last: nobody tells a client who it is.</summary>
internal sealed class RecordingTestIds(ITestIds ids) : ITestIds
{
    public long Last { get; private set; }

    /// <summary>Gets or sets the id of the next token, once: so one user can be on several gateways.</summary>
    public long? Next { get; set; }

    public async ValueTask<long> NextAsync(CancellationToken cancellationToken)
    {
        Last = Next ?? await ids.NextAsync(cancellationToken);
        Next = null;
        return Last;
    }
}
