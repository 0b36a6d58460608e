using MySqlConnector;

namespace Direct.Silo.Schema;

/// <summary>What a database's refusal means for whoever has to mend it. Never shows the password.</summary>
internal static class DatabaseFault
{
    public static string Sentence(MySqlException exception, MySqlConnection connection)
    {
        var settings = new MySqlConnectionStringBuilder(connection.ConnectionString);
        var server = FormattableString.Invariant($"{settings.Server}:{settings.Port}");
        return exception.ErrorCode switch
        {
            MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.None =>
                $"No database answers at {server}; start it, or mend Server and Port of {ClusterOptions.SectionName}:ConnectionString ({OneLine(exception.Message)})",
            MySqlErrorCode.AccessDenied or MySqlErrorCode.HostNotPrivileged =>
                $"The database at {server} refuses user '{settings.UserID}' from here; mend User ID and Password of {ClusterOptions.SectionName}:ConnectionString, "
                + "or let that user in.",
            MySqlErrorCode.UnknownDatabase =>
                $"There is no database '{settings.Database}' at {server}; make it: CREATE DATABASE {settings.Database};",
            MySqlErrorCode.DatabaseAccessDenied =>
                $"User '{settings.UserID}' may not use database '{settings.Database}' at {server}; allow it: GRANT ALL ON {settings.Database}.* TO '{settings.UserID}'@…;",
            MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied =>
                $"User '{settings.UserID}' has too few rights in database '{settings.Database}' at {server} ({OneLine(exception.Message)}); "
                + "a silo needs SELECT, INSERT, UPDATE and DELETE, schema=apply CREATE as well.",
            _ => $"The database at {server} fails: {OneLine(exception.Message)}",
        };
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
