using Direct.Settings;
using Microsoft.Extensions.Options;

namespace Direct.Grains.Membership;

/// <summary>Checks the rules that ranges cannot express. Each message gives the key, the value and the rule.</summary>
/// <param name="providers">The providers that this program knows.</param>
/// <param name="rule">The rule in the message if another provider is set.</param>
internal sealed class ClusterOptionsValidator(IReadOnlyList<string> providers, string rule) : IValidateOptions<ClusterOptions>
{
    // The width of their columns.
    private const int MaxIdLength = 150;

    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (!providers.Contains(options.Provider))
        {
            result.AddError($"{ClusterOptions.SectionName}:Provider (cluster=) is '{ArgumentText.Shown(options.Provider)}'; {rule}.");
        }

        CheckId(result, nameof(options.ClusterId), options.ClusterId);
        CheckId(result, nameof(options.ServiceId), options.ServiceId);
        if (options.IsMySql && MySqlConnectionString.ErrorOf(options.ConnectionString) is { } error)
        {
            result.AddError($"{ClusterOptions.SectionName}:ConnectionString {error}; with cluster=mysql it must name the database of the cluster's members: "
                + "Server=…;Port=3306;User ID=…;Password=…;Database=….");
        }

        return result.Build();
    }

    private static void CheckId(ValidateOptionsResultBuilder result, string key, string id)
    {
        if (string.IsNullOrWhiteSpace(id) || id.Length > MaxIdLength)
        {
            result.AddError($"{ClusterOptions.SectionName}:{key} is '{ArgumentText.Shown(id)}'; it must have 1 to {MaxIdLength} characters.");
        }
    }
}
