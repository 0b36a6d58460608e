using System.Globalization;
using Direct.Grains.Membership;
using MySqlConnector;

namespace Direct.Silo.Schema;

/// <summary>Creates the tables of the cluster's members.</summary>
internal sealed class MembershipSchema(MembershipDatabase database)
{
    private const int LockTimeoutSeconds = 30;

    /// <summary>Creates or updates the tables. Several processes may do so at the same time, and repeatedly.</summary>
    public async Task<(bool IsApplied, string Sentence)> ApplyAsync()
    {
        await using var connection = database.NewConnection();
        try
        {
            await connection.OpenAsync();
            if (!await TryLockAsync(connection))
            {
                return (false, $"Another process has been applying a schema to the {database.Location} for {LockTimeoutSeconds} s; try again when it has ended.");
            }

            var before = await MembershipDatabase.ReadVersionAsync(connection, CancellationToken.None);
            if (before is SchemaVersion.Foreign or > SchemaVersion.Needed)
            {
                return (false, database.ErrorOf(before)!);
            }

            await ExecuteAsync(connection, Script());
            return (true, $"{database.Name} has version {SchemaVersion.Needed} of the membership schema{(before is SchemaVersion.Needed ? ", as before" : "")}.");
        }
        catch (MySqlException exception)
        {
            return (false, database.Sentence(exception));
        }
    }

    // The lock ends with the connection, even if this process is killed. One server has many databases, so the lock's name contains theirs.
    private static async Task<bool> TryLockAsync(MySqlConnection connection)
    {
        var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT GET_LOCK(CONCAT('direct-schema-', SHA1(DATABASE())), {LockTimeoutSeconds})");
        await using var command = new MySqlCommand(sql, connection) { CommandTimeout = LockTimeoutSeconds + 10 };
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) == 1;
    }

    private static async Task ExecuteAsync(MySqlConnection connection, string sql)
    {
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Script()
    {
        using var stream = typeof(MembershipSchema).Assembly.GetManifestResourceStream("membership.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
