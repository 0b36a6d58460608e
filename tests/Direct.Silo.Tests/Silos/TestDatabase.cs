using Direct.Testing.Databases;
using MySqlConnector;

namespace Direct.Silo.Tests.Silos;

/// <summary>Represents a database of one test.</summary>
public sealed record TestDatabase(string Name, string ConnectionString)
{
    /// <summary>Gets the arguments with which a silo uses this database.</summary>
    public string[] Arguments => ["cluster=mysql", $"Direct:Cluster:ConnectionString={ConnectionString}"];

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new MySqlCommand(OddDefaults.Undo + sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Returns every row as text, with a space between its columns.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new MySqlCommand(OddDefaults.Undo + sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(column => FormattableString.Invariant($"{reader.GetValue(column)}"))));
        }

        return rows;
    }
}
