using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Silo.Schema;

/// <summary>
/// The database that keeps the cluster's members: makes its tables, and tells whether they are the ones this silo needs. Orleans itself
/// would only find out at its first statement, and say so by a stack trace.
/// </summary>
internal sealed class MembershipDatabase(IOptions<ClusterOptions> options)
{
    /// <summary>The version of <c>membership.sql</c>, which says the same.</summary>
    private const int Needed = 1;

    // Orleans reads the statements by one of its own, which would miss some of them.
    private const ulong LeastSelectLimit = 100;

    private const int LockTimeoutSeconds = 30;
    private const string ApplyCommand = "dotnet Direct.Silo.dll cluster=mysql schema=apply Direct:Cluster:ConnectionString=…";

    /// <summary>The connection string as it is used: pooled connections are always reset, so that none carries an open transaction on.</summary>
    public static string ConnectionString(ClusterOptions options) =>
        new MySqlConnectionStringBuilder(options.ConnectionString!) { ConnectionReset = true }.ConnectionString;

    /// <summary>Why a silo cannot use this database, in a sentence that says what to do; nothing when it can.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync()
    {
        if (!options.Value.IsMySql)
        {
            return [];
        }

        await using var connection = new MySqlConnection(ConnectionString(options.Value));
        try
        {
            await connection.OpenAsync();
            return await ReadVersionAsync(connection) switch
            {
                Needed => await ReadSelectLimitAsync(connection) is < LeastSelectLimit and var limit ? [LimitSentence(connection, limit)] : [],
                SchemaVersion.None => [$"{Name(connection)} has no tables for the cluster's members; make them: {ApplyCommand}"],
                SchemaVersion.Foreign => [ForeignSentence(connection)],
                SchemaVersion.OldStatements => [$"{Name(connection)} has the membership statements of an older release; update them: {ApplyCommand}"],
                < Needed and var older => [$"{Name(connection)} has version {older} of the membership schema and this silo needs {Needed}; update it: {ApplyCommand}"],
                var newer => [NewerSentence(connection, newer)],
            };
        }
        catch (MySqlException exception)
        {
            return [DatabaseFault.Sentence(exception, connection)];
        }
    }

    /// <summary>
    /// The time in this cluster, which all its silos start from, and the highest generation that a silo had at an address. The time is that
    /// of the database, or the newest that a silo wrote, so that it never goes back either.
    /// </summary>
    public async Task<(DateTime Now, int LastGeneration)> ReadClockAsync(IPEndPoint address)
    {
        const string Sql = """
            SELECT GREATEST(UTC_TIMESTAMP(3), COALESCE(MAX(IAmAliveTime), UTC_TIMESTAMP(3))),
                COALESCE(MAX(CASE WHEN Address = @address AND Port = @port THEN Generation END), 0)
            FROM OrleansMembershipTable
            WHERE DeploymentId = @cluster;
            """;
        await using var connection = new MySqlConnection(ConnectionString(options.Value));
        await connection.OpenAsync();
        await using var command = new MySqlCommand(Sql, connection);
        command.Parameters.AddWithValue("@cluster", options.Value.ClusterId);
        command.Parameters.AddWithValue("@address", address.Address.ToString());
        command.Parameters.AddWithValue("@port", address.Port);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (DateTime.SpecifyKind(reader.GetDateTime(0), DateTimeKind.Utc), reader.GetInt32(1));
    }

    /// <summary>Makes the tables or brings them up to date. Any number of processes may do it at once, and again.</summary>
    public async Task<(bool IsApplied, string Sentence)> ApplyAsync()
    {
        await using var connection = new MySqlConnection(ConnectionString(options.Value));
        try
        {
            await connection.OpenAsync();
            if (!await TryLockAsync(connection))
            {
                return (false, $"Another process has been applying a schema to {Name(connection)} for {LockTimeoutSeconds} s; try again when it has ended.");
            }

            var before = await ReadVersionAsync(connection);
            if (before is SchemaVersion.Foreign)
            {
                return (false, ForeignSentence(connection));
            }

            if (before > Needed)
            {
                return (false, NewerSentence(connection, before));
            }

            await ExecuteAsync(connection, Script());
            return (true, $"{Name(connection)} has version {Needed} of the membership schema{(before is Needed ? ", as before" : "")}.");
        }
        catch (MySqlException exception)
        {
            return (false, DatabaseFault.Sentence(exception, connection));
        }
    }

    private static string Name(MySqlConnection connection) => $"Database '{connection.Database}' at {connection.DataSource}";

    private static string ForeignSentence(MySqlConnection connection) =>
        $"{Name(connection)} has a table OrleansQuery that Direct did not make; give the cluster a database of its own, and there: {ApplyCommand}";

    private static string NewerSentence(MySqlConnection connection, int newer) =>
        $"{Name(connection)} has version {newer} of the membership schema, made by a newer release, and this silo knows {Needed}; run the newer release.";

    private static string LimitSentence(MySqlConnection connection, ulong limit) =>
        $"{Name(connection)} begins connections with sql_select_limit = {limit}; it must be {LeastSelectLimit} or more, or Orleans does not read all of its statements: "
        + "set it in the server, or in init_connect for this user.";

    private static async Task<ulong> ReadSelectLimitAsync(MySqlConnection connection)
    {
        await using var command = new MySqlCommand("SELECT @@sql_select_limit", connection);
        return Convert.ToUInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    // The lock ends with the connection, however this process does. One server has many databases, so their names are in its name.
    private static async Task<bool> TryLockAsync(MySqlConnection connection)
    {
        var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT GET_LOCK(CONCAT('direct-schema-', SHA1(DATABASE())), {LockTimeoutSeconds})");
        await using var command = new MySqlCommand(sql, connection) { CommandTimeout = LockTimeoutSeconds + 10 };
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) == 1;
    }

    private static async Task<int> ReadVersionAsync(MySqlConnection connection)
    {
        const string Sql = """
            SELECT (SELECT COUNT(*) FROM OrleansQuery),
                (SELECT COUNT(*) FROM OrleansQuery WHERE QueryKey <> 'DirectSchemaVersion' AND QueryText NOT LIKE '%SET SESSION%'),
                (SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'DirectSchemaVersion')
            FROM (SELECT 1) one
            LEFT JOIN (SELECT 1 FROM OrleansMembershipTable LIMIT 0) members ON TRUE
            LEFT JOIN (SELECT 1 FROM OrleansMembershipVersionTable LIMIT 0) versions ON TRUE;
            """;
        await using var command = new MySqlCommand(Sql, connection);
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            return reader.IsDBNull(2) ? reader.GetInt64(0) == 0 ? SchemaVersion.None : SchemaVersion.Foreign
                : !int.TryParse(reader.GetString(2), CultureInfo.InvariantCulture, out var version) ? SchemaVersion.Foreign
                : version is Needed && reader.GetInt64(1) > 0 ? SchemaVersion.OldStatements
                : version;
        }
        catch (MySqlException exception) when (exception.ErrorCode is MySqlErrorCode.NoSuchTable)
        {
            return SchemaVersion.None;
        }
    }

    private static async Task ExecuteAsync(MySqlConnection connection, string sql)
    {
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Script()
    {
        using var stream = typeof(MembershipDatabase).Assembly.GetManifestResourceStream("membership.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>What a database can have in place of a version.</summary>
    private static class SchemaVersion
    {
        /// <summary>Not all of the tables, or nothing in them: an apply that did not get far leaves that too.</summary>
        public const int None = -1;

        /// <summary>Tables of this name that something else made.</summary>
        public const int Foreign = -2;

        /// <summary>
        /// The version that is needed, with statements that do not set the session variables that they depend on. The version before can use the
        /// new statements as well, and must be able to: it could not be gone back to otherwise.
        /// </summary>
        public const int OldStatements = -3;
    }
}
