using System.Data.Common;
using Direct.Gateway.Cluster;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements the clusters in a database as a test says; null: it does not answer.</summary>
internal sealed class FakeMembers : IClusterMembers
{
    public string Location => "database 'direct' at db:3306";

    public string[]? Clusters { get; set; } = [];

    public Task<IReadOnlyList<string>> ActiveClustersAsync(CancellationToken cancellationToken) =>
        Clusters is null ? Task.FromException<IReadOnlyList<string>>(new Unreachable()) : Task.FromResult<IReadOnlyList<string>>(Clusters);

    private sealed class Unreachable() : DbException("Unable to connect");
}
