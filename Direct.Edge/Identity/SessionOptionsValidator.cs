using Direct.Edge.Node;
using Direct.Settings;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Identity;

/// <summary>Checks that tokens can be resolved.</summary>
internal sealed class SessionOptionsValidator(IOptions<NodeOptions> node, IEnumerable<SessionStoreName> stores) : IValidateOptions<SessionOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionOptions options)
    {
        if (options.Mode is not null && !options.IsNone && stores.All(store => store.Name != options.Mode))
        {
            var known = string.Concat(stores.Select(store => $"'{store.Name}', "));
            return ValidateOptionsResult.Fail($"{SessionOptions.SectionName}:Mode (sessions=) is '{ArgumentText.Shown(options.Mode)}'; it must be {known}'none', or not set.");
        }

        return node.Value.IsTest || options.IsNone || stores.Any()
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{SessionOptions.SectionName}:Mode (sessions=) is not set and there is no session store, so no token can be checked. "
                + "Set sessions=none to take everyone as anonymous, or env=test to try Direct out.");
    }
}
