using MySqlConnector;

namespace Direct.Grains.Membership;

/// <summary>Explains why a database refused a connection, and what to fix. It never shows the password.</summary>
internal static class DatabaseErrors
{
    /// <summary>Returns what must be fixed, and how; null if nothing must be fixed and the database may answer again by itself.</summary>
    public static string? Remedy(MySqlException exception, string connectionString, DatabaseUser user)
    {
        var settings = new MySqlConnectionStringBuilder(connectionString);
        return exception.ErrorCode switch
        {
            MySqlErrorCode.AccessDenied or MySqlErrorCode.HostNotPrivileged =>
                $"The database at {Server(settings)} refuses user '{settings.UserID}' from here; fix User ID and Password of {ClusterOptions.SectionName}:ConnectionString, "
                + "or let that user in.",
            MySqlErrorCode.UnknownDatabase =>
                $"There is no database '{settings.Database}' at {Server(settings)}; make it: CREATE DATABASE {settings.Database}; then its tables: {MembershipDatabase.ApplyCommand}",
            MySqlErrorCode.DatabaseAccessDenied or MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied =>
                $"User '{settings.UserID}' has too few rights in database '{settings.Database}' at {Server(settings)} ({OneLine(exception.Message)}); "
                + $"a {user.Name} needs {user.Rights}.",
            _ => null,
        };
    }

    /// <summary>Returns the error as a sentence, whether or not it is temporary.</summary>
    public static string Sentence(MySqlException exception, string connectionString, DatabaseUser user)
    {
        var server = Server(new MySqlConnectionStringBuilder(connectionString));
        return Remedy(exception, connectionString, user)
            ?? (exception.ErrorCode is MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.None
                ? $"No database answers at {server}; start it, or fix Server and Port of {ClusterOptions.SectionName}:ConnectionString ({OneLine(exception.Message)})"
                : $"The database at {server} fails: {OneLine(exception.Message)}");
    }

    private static string Server(MySqlConnectionStringBuilder settings) => FormattableString.Invariant($"{settings.Server}:{settings.Port}");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
