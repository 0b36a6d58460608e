using System.Net;
using Direct.Grains.Membership;
using Direct.Settings;
using Microsoft.Extensions.Options;

namespace Direct.Silo.Endpoints;

/// <summary>Checks the rules that ranges cannot express. Each message gives the key, the value and the rule.</summary>
internal sealed class SiloOptionsValidator(IOptions<ClusterOptions> cluster) : IValidateOptions<SiloOptions>
{
    private const int MaxNameLength = 150;

    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
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

    // The ports to listen on for silos and gateways.
    private static IEnumerable<(string Key, int Port)> Listening(SiloOptions options) =>
    [
        options.ListenSiloPort == 0 ? (nameof(options.SiloPort), options.SiloPort) : (nameof(options.ListenSiloPort), options.ListenSiloPort),
        options.ListenGatewayPort == 0 ? (nameof(options.GatewayPort), options.GatewayPort) : (nameof(options.ListenGatewayPort), options.ListenGatewayPort),
    ];

    private bool IsMySql()
    {
        try
        {
            return cluster.Value.IsMySql;
        }
        catch (OptionsValidationException)
        {
            return true; // reported separately
        }
    }
}
