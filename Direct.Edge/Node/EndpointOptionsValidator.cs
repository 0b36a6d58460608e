using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Node;

/// <summary>Checks the address, and how the ports relate to each other.</summary>
internal sealed class EndpointOptionsValidator(IConfiguration configuration) : IValidateOptions<EndpointOptions>
{
    public ValidateOptionsResult Validate(string? name, EndpointOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.Address != "*" && !IPAddress.TryParse(options.Address, out _))
        {
            result.AddError($"{EndpointOptions.SectionName}:Address is '{options.Address}'; it must be an IP address, or * for all.");
        }

        if (options.Port == 0 && !configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            result.AddError($"{EndpointOptions.SectionName}:Port is 0, which means no plain port; then Kestrel:Endpoints must name a port, and it names none.");
        }

        if (options.ManagementPort != 0 && options.ManagementPort == options.Port)
        {
            result.AddError($"{EndpointOptions.SectionName}:ManagementPort is {options.ManagementPort}, the same as Port; it must be another port, or 0 to serve all on one.");
        }

        if (options.Transport is TransportKind.Direct && !OperatingSystem.IsLinux())
        {
            result.AddError($"{EndpointOptions.SectionName}:Transport is direct, which needs Linux; say auto or kestrel here.");
        }

        return result.Build();
    }
}
