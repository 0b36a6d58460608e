using System.Data.Common;
using System.Globalization;
using System.Text;
using Direct.Edge.Rights;
using Direct.Gateway.Lookups;
using Direct.Gateway.Sessions;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Gateway.Rights;

/// <summary>
/// Looks up rights by the operator's statement. A look-up of many keys is one command: it prepares the statement as it was written, and for each key it
/// sets the user variables <c>@user</c>, <c>@group</c> and <c>@channel</c> and executes it. The database answers with one result for each.
/// </summary>
internal sealed class RightsDatabase : IRightsLookup, IAsyncDisposable
{
    private const string Expected = "expected one integer";

    // The name of the column of the results between the answers. No query can know it.
    private static readonly string Marker = $"direct_{Guid.NewGuid():N}";

    private readonly MySqlConnections _connections;
    private readonly string _query;

    public RightsDatabase(IOptions<RightsOptions> options, IOptions<MySqlSessionOptions> sessions, ILogger<RightsDatabase> logger)
    {
        var settings = new MySqlConnectionStringBuilder(options.Value.ConnectionString ?? sessions.Value.ConnectionString)
        {
            AllowUserVariables = true,
            TreatTinyAsBoolean = false,
        };
        var maxConnections = options.Value.MaxQueries + 3; // for the checks of memberships, by time and by call, and the circuit
        _connections = new MySqlConnections(settings, maxConnections, options.Value.Timeout, logger);
        _query = MySqlHelper.EscapeString(options.Value.Query!.TrimEnd(';', ' ', '\t', '\r', '\n'));
    }

    public string Location => _connections.Location;

    public Task<IReadOnlyList<FoundRights>> FindAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken) =>
        _connections.UseAsync(
            async (connection, limit) =>
            {
                var found = new List<FoundRights>(keys.Count);
                while (found.Count < keys.Count)
                {
                    await ReadAsync(connection, keys, found, limit);
                }

                _connections.Restore();
                return (IReadOnlyList<FoundRights>)found;
            },
            cancellationToken);

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    // Reads the answers of the keys that have none. The database ends a command at the first error, which may be caused by the values of one key: that
    // key has no rights then, and those after it are read by the next command.
    private async Task ReadAsync(MySqlConnection connection, IReadOnlyList<RightsKey> keys, List<FoundRights> found, CancellationToken limit)
    {
        await using var command = _connections.Command(connection, Sql(keys, found.Count));
        FoundRights? answer = null;
        var isBegun = false;
        try
        {
            await using var reader = await command.ExecuteReaderAsync(limit);
            do
            {
                if (reader.FieldCount != 1 || reader.GetName(0) != Marker)
                {
                    answer = answer is null ? await ReadAsync(reader, limit) : FoundRights.Unusable("the query has more than one result, expected one");
                }
                else
                {
                    if (isBegun)
                    {
                        found.Add(answer ?? FoundRights.Unusable($"the query has no result, {Expected}"));
                    }

                    (isBegun, answer) = (true, null);
                }
            }
            while (await reader.NextResultAsync(limit));
        }
        catch (MySqlException exception) when (IsOfStatement(exception))
        {
            found.Add(isBegun
                ? FoundRights.Unusable($"the query failed: {exception.Message}")
                : throw new UnusableSourceException($"the query failed: {exception.Message}"));
        }
    }

    // The ids are numbers of 64 bits, so they cannot change the statement. The database prepares it once, and refuses to prepare several. A result of
    // its own before the answer of each key, and after the last, tells whose answer is read.
    private string Sql(IReadOnlyList<RightsKey> keys, int first)
    {
        var sql = new StringBuilder($"PREPARE direct_rights FROM '{_query}';\n");
        foreach (var (user, group, channel) in keys.Skip(first))
        {
            sql.Append(CultureInfo.InvariantCulture, $"SELECT 0 AS {Marker}; SET @user = {Number(user)}, @group = {Number(group)}, @channel = {Number(channel)}; EXECUTE direct_rights;\n");
        }

        return sql.Append(CultureInfo.InvariantCulture, $"SELECT 0 AS {Marker};").ToString();
    }

    // The positive number of this value has no 64 bits, so the database would take it as a decimal number.
    private static string Number(long id) =>
        id == long.MinValue ? "(-9223372036854775807 - 1)" : id.ToString(CultureInfo.InvariantCulture);

    private static async Task<FoundRights> ReadAsync(DbDataReader reader, CancellationToken limit)
    {
        if (reader.FieldCount != 1)
        {
            return FoundRights.Unusable($"the query returns {reader.FieldCount} columns, {Expected}");
        }

        if (!IsInteger(reader.GetFieldType(0)) && reader.GetDataTypeName(0) != "NULL")
        {
            return FoundRights.Unusable($"the query returns {reader.GetDataTypeName(0)}, {Expected}");
        }

        if (!await reader.ReadAsync(limit))
        {
            return new FoundRights(0);
        }

        var found = MaskOf(reader.GetValue(0));
        return await reader.ReadAsync(limit) ? FoundRights.Unusable("the query returns several rows, expected one at most") : found;
    }

    private static bool IsInteger(Type type) => type == typeof(decimal) || (type.IsPrimitive && type != typeof(double) && type != typeof(float));

    // Sums are decimal numbers in MySQL.
    private static FoundRights MaskOf(object value)
    {
        if (value is DBNull)
        {
            return new FoundRights(0);
        }

        var number = Convert.ToDecimal(value, CultureInfo.InvariantCulture);
        return number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue
            ? FoundRights.Of((long)number)
            : FoundRights.Unusable(string.Create(CultureInfo.InvariantCulture, $"the query returns {number}, expected an integer of 64 bits"));
    }

    // The SQL states of statements that cannot be run or evaluated: cardinality, data, syntax, names and access.
    private static bool IsOfStatement(MySqlException exception) => exception.SqlState?[..Math.Min(2, exception.SqlState.Length)] is "21" or "22" or "42";
}
