using Direct.Grains.Membership;
using MySqlConnector;

namespace Direct.Gateway.Cluster;

/// <inheritdoc />
internal sealed class ClusterMembers(MembershipDatabase database) : IClusterMembers
{
    public string Location => database.Location;

    public async Task<IReadOnlyList<string>> ActiveClustersAsync(CancellationToken cancellationToken)
    {
        const string Sql = "SELECT DISTINCT DeploymentId FROM OrleansMembershipTable WHERE Status = 3 ORDER BY DeploymentId LIMIT 10";
        await using var connection = database.NewConnection();
        await connection.OpenAsync(cancellationToken);
        await using var command = new MySqlCommand(Sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var clusters = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            clusters.Add(reader.GetString(0));
        }

        return clusters;
    }
}
