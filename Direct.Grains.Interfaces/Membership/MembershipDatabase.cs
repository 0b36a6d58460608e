using System.Globalization;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Grains.Membership;

/// <summary>
/// Provides the database of the cluster's members. It checks whether its tables are the ones that this program needs. Orleans would notice only at
/// its first statement, and report a stack trace.
/// </summary>
internal sealed class MembershipDatabase(IOptions<ClusterOptions> options, DatabaseUser user)
{
    /// <summary>Specifies Orleans's name of MySqlConnector.</summary>
    public const string Invariant = "MySql.Data.MySqlConnector";

    /// <summary>Specifies the command that creates the tables.</summary>
    public const string ApplyCommand = "dotnet Direct.Silo.dll cluster=mysql schema=apply Direct:Cluster:ConnectionString=…";

    // Orleans reads the statements with one query, which would miss some of them.
    private const ulong LeastSelectLimit = 100;

    /// <summary>Gets the name of the database for people.</summary>
    public string Location => MySqlConnectionString.Location(options.Value.ConnectionString!);

    /// <summary>Gets the name of the database at the beginning of a sentence.</summary>
    public string Name => char.ToUpperInvariant(Location[0]) + Location[1..];

    /// <summary>Returns the effective connection string: pooled connections are always reset, so that none keeps an open transaction.</summary>
    public static string ConnectionString(ClusterOptions options) =>
        new MySqlConnectionStringBuilder(options.ConnectionString!) { ConnectionReset = true }.ConnectionString;

    /// <summary>Creates a connection, which is not open yet.</summary>
    public MySqlConnection NewConnection() => new(ConnectionString(options.Value));

    /// <summary>
    /// Returns a sentence that says what must be fixed before this program can use the database, and how; null if there is nothing. A
    /// <see cref="MySqlException"/> means that the database does not answer now, and may answer again by itself.
    /// </summary>
    public async Task<string?> FindErrorAsync(CancellationToken cancellationToken)
    {
        await using var connection = NewConnection();
        try
        {
            await connection.OpenAsync(cancellationToken);
            return ErrorOf(await ReadVersionAsync(connection, cancellationToken))
                ?? ErrorOf(await ReadSelectLimitAsync(connection, cancellationToken))
                ?? (user.RecordsLeases && !await HasLeaseTablesAsync(connection, cancellationToken)
                    ? $"{Name} has the membership tables of an older release; update them: {ApplyCommand}"
                    : null);
        }
        catch (MySqlException exception) when (DatabaseErrors.Remedy(exception, options.Value.ConnectionString!, user) is { } remedy)
        {
            return remedy;
        }
    }

    /// <summary>Returns the error of a version of the schema; null if it is correct.</summary>
    public string? ErrorOf(int version) => version switch
    {
        SchemaVersion.Needed => null,
        SchemaVersion.None => $"{Name} has no tables for the cluster's members; make them: {ApplyCommand}",
        SchemaVersion.Foreign => $"{Name} has a table OrleansQuery that Direct did not make; give the cluster a database of its own, and there: {ApplyCommand}",
        SchemaVersion.OldStatements => $"{Name} has the membership statements of an older release; update them: {ApplyCommand}",
        < SchemaVersion.Needed => $"{Name} has version {version} of the membership schema and this {user.Name} needs {SchemaVersion.Needed}; update it: {ApplyCommand}",
        _ => $"{Name} has version {version} of the membership schema, made by a newer release, and this {user.Name} knows {SchemaVersion.Needed}; run the newer release.",
    };

    /// <summary>Returns the error as a sentence if the database refuses something, whether or not it is temporary.</summary>
    public string Sentence(MySqlException exception) => DatabaseErrors.Sentence(exception, options.Value.ConnectionString!, user);

    /// <summary>Reads the version of the schema, or one of <see cref="SchemaVersion"/>.</summary>
    public static async Task<int> ReadVersionAsync(MySqlConnection connection, CancellationToken cancellationToken)
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
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return await reader.IsDBNullAsync(2, cancellationToken) ? reader.GetInt64(0) == 0 ? SchemaVersion.None : SchemaVersion.Foreign
                : !int.TryParse(reader.GetString(2), CultureInfo.InvariantCulture, out var version) ? SchemaVersion.Foreign
                : version is SchemaVersion.Needed && reader.GetInt64(1) > 0 ? SchemaVersion.OldStatements
                : version;
        }
        catch (MySqlException exception) when (exception.ErrorCode is MySqlErrorCode.NoSuchTable)
        {
            return SchemaVersion.None;
        }
    }

    private string? ErrorOf(ulong selectLimit) => selectLimit >= LeastSelectLimit ? null :
        $"{Name} begins connections with sql_select_limit = {selectLimit}; it must be {LeastSelectLimit} or more, or Orleans does not read all of its statements: "
        + "set it in the server, or in init_connect for this user.";

    // Not part of the version: a gateway does not need them, and the previous release neither knows nor refuses them.
    private static async Task<bool> HasLeaseTablesAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new MySqlCommand("(SELECT 1 FROM DirectLeases LIMIT 0) UNION ALL (SELECT 1 FROM DirectSilos LIMIT 0)", connection);
        try
        {
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (MySqlException exception) when (exception.ErrorCode is MySqlErrorCode.NoSuchTable)
        {
            return false;
        }
    }

    private static async Task<ulong> ReadSelectLimitAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new MySqlCommand("SELECT @@sql_select_limit", connection);
        return Convert.ToUInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }
}
