using Direct.Edge.BackendApi;
using Direct.Edge.Connections;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>Checks how the settings of connections relate to each other and to the longest signal.</summary>
internal sealed class ConnectionOptionsValidator(IOptions<SignalOptions> signals) : IValidateOptions<ConnectionOptions>
{
    public ValidateOptionsResult Validate(string? name, ConnectionOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        var largest = Math.Max(Math.Max(options.MaxMessageBytes, options.MaxLaterMessageBytes), signals.Value.MaxMessageBytes);
        if (options.QueueBytes < 2L * largest)
        {
            result.AddError($"{ConnectionOptions.SectionName}:QueueBytes is {options.QueueBytes}; it must be at least twice the largest message "
                + $"({largest}, the largest of {ConnectionOptions.SectionName}:MaxMessageBytes, MaxLaterMessageBytes and {SignalOptions.SectionName}:MaxMessageBytes), "
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
