using System.Data.Common;
using System.Net;
using Direct.Telemetry.Hosting;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Silo.Hosting;

// Each message gives the key, the value and the rule.

internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    // As wide as their columns.
    private const int MaxIdLength = 150;

    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.Provider is not ("localhost" or "mysql"))
        {
            result.AddError($"{ClusterOptions.SectionName}:Provider (cluster=) is '{ArgumentText.Shown(options.Provider)}'; it must be 'localhost' for a cluster of this silo alone, or 'mysql'; 'none' is for gateways, which then need no silo.");
        }

        CheckId(result, nameof(options.ClusterId), options.ClusterId);
        CheckId(result, nameof(options.ServiceId), options.ServiceId);
        if (options.IsMySql && FaultOf(options.ConnectionString) is { } fault)
        {
            result.AddError($"{ClusterOptions.SectionName}:ConnectionString {fault}; with cluster=mysql it must name the database of the cluster's members: "
                + "Server=…;Port=3306;User ID=…;Password=…;Database=….");
        }

        return result.Build();
    }

    private static void CheckId(ValidateOptionsResultBuilder result, string key, string id)
    {
        if (string.IsNullOrWhiteSpace(id) || id.Length > MaxIdLength)
        {
            result.AddError($"{ClusterOptions.SectionName}:{key} is '{id}'; it must have 1 to {MaxIdLength} characters.");
        }
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

internal sealed class SiloOptionsValidator(IOptions<ClusterOptions> cluster) : IValidateOptions<SiloOptions>
{
    private const int MaxNameLength = 150;

    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckPort(result, nameof(options.SiloPort), options.SiloPort, from: 1);
        CheckPort(result, nameof(options.GatewayPort), options.GatewayPort, from: 1);
        CheckPort(result, nameof(options.ListenSiloPort), options.ListenSiloPort, from: 0);
        CheckPort(result, nameof(options.ListenGatewayPort), options.ListenGatewayPort, from: 0);
        CheckPort(result, nameof(options.ManagementPort), options.ManagementPort, from: 0);
        if (options.SiloPort == options.GatewayPort)
        {
            result.AddError($"{SiloOptions.SectionName}:GatewayPort is {options.GatewayPort}, the same as SiloPort; it must be another port.");
        }

        foreach (var (key, port) in Listening(options).Where(other => options.ManagementPort != 0 && other.Port == options.ManagementPort))
        {
            result.AddError($"{SiloOptions.SectionName}:ManagementPort is {options.ManagementPort}, the same as {key}; it must be another port, or 0 for none.");
        }

        if (options.Address is { } address && !(IPAddress.TryParse(address, out var parsed) && !parsed.Equals(IPAddress.Any) && !parsed.Equals(IPAddress.IPv6Any)))
        {
            result.AddError($"{SiloOptions.SectionName}:Address (or POD_IP) is '{address}'; it must be an IP address by which others reach this silo.");
        }

        if (options.ListenAddress is { } listen && listen != "*" && !IPAddress.TryParse(listen, out _))
        {
            result.AddError($"{SiloOptions.SectionName}:ListenAddress is '{listen}'; it must be an IP address, or * for all.");
        }

        if (string.IsNullOrWhiteSpace(options.Name) || options.Name.Length > MaxNameLength)
        {
            result.AddError($"{SiloOptions.SectionName}:Name is '{options.Name}'; it must have 1 to {MaxNameLength} characters.");
        }

        if (options.Schema is not null && !options.AppliesSchema)
        {
            result.AddError($"{SiloOptions.SectionName}:Schema (schema=) is '{ArgumentText.Shown(options.Schema)}'; it must be 'apply', or not set.");
        }

        if (options.AppliesSchema && !IsMySql())
        {
            result.AddError($"{SiloOptions.SectionName}:Schema (schema=) is '{ArgumentText.Shown(options.Schema)}'; it needs cluster=mysql, for there is no database otherwise.");
        }

        return result.Build();
    }

    // Where the other two ports are listened on.
    private static IEnumerable<(string Key, int Port)> Listening(SiloOptions options) =>
    [
        options.ListenSiloPort == 0 ? (nameof(options.SiloPort), options.SiloPort) : (nameof(options.ListenSiloPort), options.ListenSiloPort),
        options.ListenGatewayPort == 0 ? (nameof(options.GatewayPort), options.GatewayPort) : (nameof(options.ListenGatewayPort), options.ListenGatewayPort),
    ];

    private static void CheckPort(ValidateOptionsResultBuilder result, string key, int port, int from)
    {
        if (port < from || port > IPEndPoint.MaxPort)
        {
            result.AddError($"{SiloOptions.SectionName}:{key} is {port}; it must be from {from} to {IPEndPoint.MaxPort}.");
        }
    }

    private bool IsMySql()
    {
        try
        {
            return cluster.Value.IsMySql;
        }
        catch (OptionsValidationException)
        {
            return true; // reported for itself
        }
    }
}
