using System.Globalization;
using Direct.Sessions.Tests.Databases;
using Direct.Testing.Databases;
using MySqlConnector;

namespace Direct.Sessions.Tests.Rights;

/// <summary>Represents the platform's tables of rights beside those of sessions, in a separate database of one test.</summary>
public sealed class PlatformTables
{
    private PlatformTables(SessionTables sessions) => Sessions = sessions;

    /// <summary>Gets the database, with the tables <c>session</c> and <c>user</c>.</summary>
    public SessionTables Sessions { get; }

    /// <summary>Creates the database and its tables.</summary>
    /// <param name="server">The database server.</param>
    /// <param name="name">The name of the database.</param>
    /// <param name="listOfChannels">The column type of the lists in <c>channel</c>.</param>
    /// <param name="listOfMembers">The column type of the list in <c>member</c>.</param>
    public static async Task<PlatformTables> CreateAsync(MariaDb server, string name, string listOfChannels = "TEXT", string listOfMembers = "TEXT")
    {
        var sessions = await SessionTables.CreateAsync(server, name, new Columns { UserId = "BIGINT" });
        await sessions.InTableAsync(
            $"""
            ALTER TABLE user ADD PRIMARY KEY (id), DROP KEY id;
            CREATE TABLE `group` (id BIGINT PRIMARY KEY, owner_id BIGINT);
            CREATE TABLE member (group_id BIGINT, user_id BIGINT, role_ids {listOfMembers}, block TINYINT, PRIMARY KEY (group_id, user_id));
            CREATE TABLE channel (
                id BIGINT PRIMARY KEY, group_id BIGINT, type INT,
                read_role_ids {listOfChannels}, write_role_ids {listOfChannels}, control_role_ids {listOfChannels},
                plus_user_ids {listOfChannels}, minus_user_ids {listOfChannels}
            )
            """);
        return new PlatformTables(sessions);
    }

    internal async Task AddAsync(PlatformData data)
    {
        await InsertAsync("channel (id, group_id, type, read_role_ids, write_role_ids, control_role_ids, plus_user_ids, minus_user_ids)", data.Channels.Select(row =>
            Row(row.Id, row.GroupId, row.Type, row.ReadRoles, row.WriteRoles, row.ControlRoles, row.PlusUsers, row.MinusUsers)));
        await InsertAsync("member (group_id, user_id, role_ids, block)", data.Members.Select(row => Row(row.GroupId, row.UserId, row.Roles, row.Block)));
        await InsertAsync("`group` (id, owner_id)", data.Groups.Select(row => Row(row.Id, row.OwnerId)));
        await InsertAsync("user (id, blocked)", data.Users.Select(row => Row(row.Id, row.Blocked)));
    }

    /// <summary>Opens a connection that asks a query for masks.</summary>
    internal async Task<MySqlConnection> ConnectAsync()
    {
        var connection = new MySqlConnection($"{Sessions.ConnectionString};AllowUserVariables=true");
        await connection.OpenAsync();
        return connection;
    }

    private Task InsertAsync(string table, IEnumerable<string> rows)
    {
        var values = string.Join(", ", rows);
        return values.Length == 0 ? Task.CompletedTask : Sessions.InTableAsync($"INSERT INTO {table} VALUES {values}");
    }

    private static string Row(params object?[] values) =>
        $"({string.Join(", ", values.Select(value => value is null ? "NULL" : value is string text ? $"'{text}'" : Convert.ToString(value, CultureInfo.InvariantCulture)))})";
}
