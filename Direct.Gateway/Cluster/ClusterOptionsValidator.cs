using System.Data.Common;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Gateway.Cluster;

internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.Provider is not ("localhost" or "mysql"))
        {
            result.AddError($"{ClusterOptions.SectionName}:Provider (cluster=) is '{options.Provider}'; it must be 'localhost' for a silo in this process, or 'mysql'.");
        }

        if (options.IsMySql && FaultOf(options.ConnectionString) is { } fault)
        {
            result.AddError($"{ClusterOptions.SectionName}:ConnectionString {fault}; with cluster=mysql it must name the database of the cluster's members: "
                + "Server=…;Port=3306;User ID=…;Password=…;Database=….");
        }

        if (options.RenewInterval * 3 > options.FenceAfter)
        {
            result.AddError($"{ClusterOptions.SectionName}:RenewInterval is {options.RenewInterval}; it must be at most a third of FenceAfter "
                + $"({options.FenceAfter}), or a lost renewal or two close every connection.");
        }

        return result.Build();
    }

    // Never shows the value, which holds a password.
    private static string? FaultOf(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            return "is not set";
        }

        try
        {
            var parts = new MySqlConnectionStringBuilder(connectionString);
            string[] missing = [.. Missing("Server", parts.Server), .. Missing("User ID", parts.UserID), .. Missing("Database", parts.Database)];
            return missing.Length == 0 ? null : $"has no {string.Join(" and no ", missing)}";
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException or DbException or OverflowException)
        {
            return "is not in the form key=value;key=value, or has a key that MySqlConnector does not know (a value with a ';' goes into quotes)";
        }
    }

    private static IEnumerable<string> Missing(string key, string value) => string.IsNullOrWhiteSpace(value) ? [key] : [];
}
