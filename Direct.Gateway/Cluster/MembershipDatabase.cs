using System.Globalization;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Gateway.Cluster;

/// <summary>
/// The database that silos are found by, as far as a gateway looks into it itself: whether it has the tables that <c>Direct.Silo</c> makes,
/// and whose silos are in it. Orleans would say neither.
/// </summary>
internal sealed class MembershipDatabase(IOptions<ClusterOptions> options) : IClusterMembers
{
    /// <summary>The version that <c>Direct.Silo/Schema/membership.sql</c> makes.</summary>
    private const int Needed = 1;

    // Orleans reads the statements by one of its own, which would miss some of them.
    private const ulong LeastSelectLimit = 100;

    private const string ApplyCommand = "dotnet Direct.Silo.dll cluster=mysql schema=apply Direct:Cluster:ConnectionString=…";

    public string Place
    {
        get
        {
            var settings = new MySqlConnectionStringBuilder(options.Value.ConnectionString!);
            return string.Create(CultureInfo.InvariantCulture, $"database '{settings.Database}' at {settings.Server}:{settings.Port}");
        }
    }

    /// <summary>
    /// What somebody must mend before a gateway can use this database, in a sentence that says how; null when there is nothing. A
    /// <see cref="MySqlException"/> means that it does not answer now, and may by itself again.
    /// </summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            var version = (await ReadAsync("SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'DirectSchemaVersion'", cancellationToken)).SingleOrDefault();
            return !int.TryParse(version, CultureInfo.InvariantCulture, out var number) ? NoSchema()
                : number < Needed ? $"The {Place} has version {number} of the membership schema and this gateway needs {Needed}; update it: {ApplyCommand}"
                : number > Needed ? $"The {Place} has version {number} of the membership schema, made by a newer release, and this gateway knows {Needed}; run the newer release."
                : await SelectLimitAsync(cancellationToken) is < LeastSelectLimit and var limit
                    ? $"The {Place} begins connections with sql_select_limit = {limit}; it must be {LeastSelectLimit} or more, or Orleans does not read all of its statements: "
                        + "set it in the server, or in init_connect for this user."
                : null;
        }
        catch (MySqlException exception) when (Remedy(exception) is not null)
        {
            return Remedy(exception);
        }
    }

    public Task<IReadOnlyList<string>> ActiveClustersAsync(CancellationToken cancellationToken) =>
        ReadAsync("SELECT DISTINCT DeploymentId FROM OrleansMembershipTable WHERE Status = 3 ORDER BY DeploymentId LIMIT 10", cancellationToken);

    private async Task<ulong> SelectLimitAsync(CancellationToken cancellationToken) =>
        ulong.Parse((await ReadAsync("SELECT CAST(@@sql_select_limit AS CHAR)", cancellationToken)).Single(), CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<string>> ReadAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new MySqlConnection(options.Value.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new MySqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var values = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }

    // Never shows the password.
    private string? Remedy(MySqlException exception)
    {
        var user = new MySqlConnectionStringBuilder(options.Value.ConnectionString!).UserID;
        return exception.ErrorCode switch
        {
            MySqlErrorCode.NoSuchTable => NoSchema(),
            MySqlErrorCode.AccessDenied or MySqlErrorCode.HostNotPrivileged =>
                $"The {Place} refuses user '{user}' from here; mend User ID and Password of {ClusterOptions.SectionName}:ConnectionString, or let that user in.",
            MySqlErrorCode.UnknownDatabase => $"There is no {Place}; make it, then its tables: {ApplyCommand}",
            MySqlErrorCode.DatabaseAccessDenied or MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied =>
                $"User '{user}' may not read the {Place}; a gateway needs SELECT there.",
            _ => null,
        };
    }

    private string NoSchema() => $"The {Place} has no tables for the cluster's members, or not those of Direct; make them: {ApplyCommand}";
}

/// <summary>Whose silos there are.</summary>
internal interface IClusterMembers
{
    /// <summary>Where that is written, for people.</summary>
    string Place { get; }

    /// <summary>The ids of clusters with an active silo, ten at most.</summary>
    Task<IReadOnlyList<string>> ActiveClustersAsync(CancellationToken cancellationToken);
}
