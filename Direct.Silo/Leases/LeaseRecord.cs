using System.Globalization;
using Direct.Grains.Membership;
using Direct.Grains.Registry;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Silo.Leases;

/// <summary>
/// Records in the membership database whether a gateway may hold a lease. There is a row for the cluster, and a row for each run of a silo that
/// updates the cluster's row before it grants a lease. Silos of 0.1.0 do not update it and have no row; if one of them is a member, the record cannot
/// be used.
/// </summary>
internal sealed class LeaseRecord(MembershipDatabase database, IOptions<ClusterOptions> cluster, ILocalSiloDetails local) : ILeaseRecord
{
    // A server may begin connections with other settings than these, on which the statements depend.
    private const string Settings = """
        SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;
        SET SESSION autocommit = 1, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',
            sql_select_limit = 18446744073709551615, sql_safe_updates = 0, sql_big_selects = 1, foreign_key_checks = 1, unique_checks = 1;

        """;

    /// <summary>
    /// Records that this silo updates the record, before it joins. In a cluster that never had a member there can be no lease, so it begins with a
    /// clear record.
    /// </summary>
    public Task JoinAsync() => ExecuteAsync("""
        INSERT IGNORE INTO DirectSilos (DeploymentId, Address, Port, Generation, Since)
        VALUES (@cluster, @address, @port, @generation, UTC_TIMESTAMP(3));
        INSERT IGNORE INTO DirectLeases (DeploymentId, Token)
        SELECT @cluster, NULL FROM (SELECT 1) one
        WHERE NOT EXISTS (SELECT 1 FROM OrleansMembershipVersionTable WHERE DeploymentId = @cluster);
        """);

    public async Task<bool> IsClearAsync()
    {
        await using var connection = database.NewConnection();
        await connection.OpenAsync();
        await using var command = Command(connection, """
            SELECT EXISTS (SELECT 1 FROM DirectLeases WHERE DeploymentId = @cluster AND Token IS NULL)
                AND NOT EXISTS (
                    SELECT 1 FROM OrleansMembershipTable m
                    LEFT JOIN DirectSilos s USING (DeploymentId, Address, Port, Generation)
                    WHERE m.DeploymentId = @cluster AND s.Since IS NULL);
            """);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) == 1;
    }

    public Task SetAsync(Guid token) => ExecuteAsync(
        "INSERT INTO DirectLeases (DeploymentId, Token) VALUES (@cluster, @token) ON DUPLICATE KEY UPDATE Token = @token;", token);

    // A silo that was given up must not clear it, because another registry may have granted leases since. When no lease is left, none is of a silo
    // that was dead by then, so that silo counts from now on as one that updates the record. Rows of runs that are no longer members are removed,
    // except those that may be joining.
    public Task ClearAsync(Guid token) => ExecuteAsync(
        """
        START TRANSACTION;
        UPDATE DirectLeases SET Token = NULL
        WHERE DeploymentId = @cluster AND Token = @token AND EXISTS (
            SELECT 1 FROM OrleansMembershipTable
            WHERE DeploymentId = @cluster AND Address = @address AND Port = @port AND Generation = @generation AND Status <> 6);
        INSERT IGNORE INTO DirectSilos (DeploymentId, Address, Port, Generation, Since)
        SELECT DeploymentId, Address, Port, Generation, UTC_TIMESTAMP(3) FROM OrleansMembershipTable
        WHERE DeploymentId = @cluster AND Status = 6 AND ROW_COUNT() = 1;
        DELETE s FROM DirectSilos s
        LEFT JOIN OrleansMembershipTable m USING (DeploymentId, Address, Port, Generation)
        WHERE s.DeploymentId = @cluster AND m.Status IS NULL AND s.Since < UTC_TIMESTAMP(3) - INTERVAL 1 DAY;
        COMMIT;
        """,
        token);

    private async Task ExecuteAsync(string sql, Guid? token = null)
    {
        await using var connection = database.NewConnection();
        await connection.OpenAsync();
        await using var command = Command(connection, sql);
        command.Parameters.AddWithValue("@token", token?.ToString());
        await command.ExecuteNonQueryAsync();
    }

    private MySqlCommand Command(MySqlConnection connection, string sql)
    {
        var command = new MySqlCommand(Settings + sql, connection);
        command.Parameters.AddWithValue("@cluster", cluster.Value.ClusterId);
        command.Parameters.AddWithValue("@address", local.SiloAddress.Endpoint.Address.ToString());
        command.Parameters.AddWithValue("@port", local.SiloAddress.Endpoint.Port);
        command.Parameters.AddWithValue("@generation", local.SiloAddress.Generation);
        return command;
    }
}
