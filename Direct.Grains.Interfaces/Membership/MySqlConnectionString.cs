using System.Data.Common;
using System.Globalization;
using MySqlConnector;

namespace Direct.Grains.Membership;

/// <summary>Reads a connection string before it is used.</summary>
internal static class MySqlConnectionString
{
    /// <summary>
    /// Returns the error as text that follows the setting's name; null if there is none. It never shows the value, which contains a password.
    /// </summary>
    public static string? ErrorOf(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            return "is not set";
        }

        try
        {
            var parts = new MySqlConnectionStringBuilder(connectionString);
            string[] missing =
                [.. Missing("Server", parts.Server), .. Missing("User ID", parts.UserID), .. Missing("Database", parts.Database)];
            return missing.Length == 0 ? null : $"has no {string.Join(" and no ", missing)}";
        }
        catch (Exception exception)
            when (exception is ArgumentException or FormatException or InvalidOperationException or DbException or OverflowException)
        {
            return "is not in the form key=value;key=value, or has a key or a value that MySqlConnector does not know "
                + "(a value with a ';' goes into quotes)";
        }
    }

    /// <summary>Returns the name of the database for people, without user and password.</summary>
    public static string Location(string connectionString)
    {
        var parts = new MySqlConnectionStringBuilder(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"database '{parts.Database}' at {parts.Server}:{parts.Port}");
    }

    private static IEnumerable<string> Missing(string key, string value) => string.IsNullOrWhiteSpace(value) ? [key] : [];
}
