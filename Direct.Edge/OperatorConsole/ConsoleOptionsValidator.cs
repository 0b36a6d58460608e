using Direct.Settings;
using Microsoft.Extensions.Options;

namespace Direct.Edge.OperatorConsole;

/// <summary>Checks the URL of the console's WebSocket, which becomes a part of the page and of its content security policy.</summary>
internal sealed class ConsoleOptionsValidator : IValidateOptions<ConsoleOptions>
{
    private const string Key = $"{ConsoleOptions.SectionName}:{nameof(ConsoleOptions.WebSocketUrl)}";

    public ValidateOptionsResult Validate(string? name, ConsoleOptions options)
    {
        var url = options.WebSocketUrl;
        var isRight = url.Length == 0
            || (Uri.TryCreate(url, UriKind.Absolute, out var uri)
                && uri.Scheme is "ws" or "wss" && uri is { UserInfo: "", Fragment: "", HostNameType: UriHostNameType.Dns or UriHostNameType.IPv4 });
        return isRight
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{Key} is '{(url.Contains('@', StringComparison.Ordinal) ? "…" : ArgumentText.Shown(url))}'; it must be a WebSocket URL without a user, a fragment or an IPv6 address, such as wss://chat.example.com/!direct, or empty.");
    }
}
