using System.Data.Common;
using Direct.Gateway.Cluster;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements the list of clusters in a membership database. Null means that the database is unreachable.</summary>
internal sealed class FakeMembers : IClusterMembers
{
    public string Location => "database 'direct' at db:3306";

    public string[]? Clusters { get; set; } = [];

    public Task<IReadOnlyList<string>> ActiveClustersAsync(CancellationToken cancellationToken) =>
        Clusters is null ? Task.FromException<IReadOnlyList<string>>(new Unreachable()) : Task.FromResult<IReadOnlyList<string>>(Clusters);

    private sealed class Unreachable() : DbException("Unable to connect");
}
