using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>Checks that every trusted proxy is a network.</summary>
internal sealed class IdentityOptionsValidator : IValidateOptions<IdentityOptions>
{
    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var entry in options.TrustedProxies.Where(entry => entry != TrustedProxies.None))
        {
            if (NetworkText.TryParse(entry, out _) is { } error)
            {
                result.AddError($"{IdentityOptions.SectionName}:TrustedProxies holds '{entry}'; {error}. One entry 'none' trusts nobody.");
            }
        }

        return result.Build();
    }
}
