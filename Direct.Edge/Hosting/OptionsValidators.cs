using System.Net;
using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Direct.Edge.Signals;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

// What ranges cannot say: relations between settings, and forms. Each message gives the key, the value, the rule and its reason.

internal sealed class ConnectionOptionsValidator(IOptions<SignalOptions> signals) : IValidateOptions<ConnectionOptions>
{
    public ValidateOptionsResult Validate(string? name, ConnectionOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        var largest = Math.Max(options.MaxMessageBytes, signals.Value.MaxMessageBytes);
        if (options.QueueBytes < 2L * largest)
        {
            result.AddError($"{ConnectionOptions.SectionName}:QueueBytes is {options.QueueBytes}; it must be at least twice the largest message "
                + $"({largest}, the larger of {ConnectionOptions.SectionName}:MaxMessageBytes and {SignalOptions.SectionName}:MaxMessageBytes), "
                + "or a single message could close a connection as slow.");
        }

        if (options.ReadTimeout <= options.PingInterval)
        {
            result.AddError($"{ConnectionOptions.SectionName}:ReadTimeout is {options.ReadTimeout}; it must be longer than PingInterval "
                + $"({options.PingInterval}), or a quiet connection is closed before it was asked whether it lives.");
        }

        foreach (var origin in options.AllowedOrigins.Where(origin => !IsOrigin(origin)))
        {
            result.AddError($"{ConnectionOptions.SectionName}:AllowedOrigins holds '{origin}'; it must be an origin as a browser writes it: "
                + "scheme://host[:port] without a path, https://chat.example.com for instance.");
        }

        return result.Build();
    }

    private static bool IsOrigin(string text) =>
        text == "null" || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" });
}

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

internal sealed class IdentityOptionsValidator : IValidateOptions<IdentityOptions>
{
    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var entry in options.TrustedProxies.Where(entry => entry != TrustedProxies.None))
        {
            if (NetworkText.TryParse(entry, out _) is { } fault)
            {
                result.AddError($"{IdentityOptions.SectionName}:TrustedProxies holds '{entry}'; {fault}. One entry 'none' trusts nobody.");
            }
        }

        return result.Build();
    }
}

internal sealed class SessionOptionsValidator(IOptions<NodeOptions> node, IEnumerable<SessionStoreName> stores) : IValidateOptions<SessionOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionOptions options)
    {
        if (options.Mode is not null && !options.IsNone && stores.All(store => store.Name != options.Mode))
        {
            var known = string.Concat(stores.Select(store => $"'{store.Name}', "));
            return ValidateOptionsResult.Fail($"{SessionOptions.SectionName}:Mode (sessions=) is '{DirectArguments.Shown(options.Mode)}'; it must be {known}'none', or not set.");
        }

        return node.Value.IsTest || options.IsNone || stores.Any()
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{SessionOptions.SectionName}:Mode (sessions=) is not set and there is no session store, so no token can be checked. "
                + "Set sessions=none to take everyone as anonymous, or env=test to try Direct out.");
    }
}
