using Direct.Edge.Identity;
using Microsoft.Extensions.Options;

namespace Direct.Edge.BackendApi;

/// <summary>Checks who may call. No message contains a key, not even a wrong one, because it may be a correct one with a typing error.</summary>
internal sealed class SignalOptionsValidator : IValidateOptions<SignalOptions>
{
    private const string Keys = $"{SignalOptions.SectionName}:{nameof(SignalOptions.Keys)}";
    private const string AllowedNetworks = $"{SignalOptions.SectionName}:{nameof(SignalOptions.AllowedNetworks)}";

    public ValidateOptionsResult Validate(string? name, SignalOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        for (var i = 0; i < options.Keys.Count; i++)
        {
            if (SignalKeys.Check(options.Keys[i]) is { } error)
            {
                result.AddError($"{Keys}:{i} {error}. 'openssl rand -hex 32' makes a good one.");
            }
            else if (options.Keys.IndexOf(options.Keys[i]) is var first && first < i)
            {
                result.AddError($"{Keys}:{i} is the same as {Keys}:{first}; each must be another, or taking one away changes nothing.");
            }
        }

        foreach (var entry in options.AllowedNetworks)
        {
            if (NetworkText.TryParse(entry, out _) is { } error)
            {
                result.AddError($"{AllowedNetworks} holds '{entry}'; {error}.");
            }
        }

        if (options.RequireKeyAndNetwork && (options.Keys.Count == 0 || options.AllowedNetworks.Count == 0))
        {
            result.AddError($"{SignalOptions.SectionName}:{nameof(SignalOptions.RequireKeyAndNetwork)} is true; then {Keys} and "
                + $"{AllowedNetworks} must both have entries, or nobody could signal.");
        }

        return result.Build();
    }
}
