using Microsoft.Extensions.Options;

namespace Direct.Grains.Tls;

/// <summary>Reports each file that cannot be used, and the reason.</summary>
internal sealed class ClusterTlsOptionsValidator : IValidateOptions<ClusterTlsOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterTlsOptions options)
    {
        if (!options.IsOn)
        {
            return ValidateOptionsResult.Success;
        }

        _ = ClusterIdentity.Read(options, DateTimeOffset.UtcNow, out var errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
