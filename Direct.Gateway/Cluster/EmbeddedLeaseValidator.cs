using Direct.Grains.Registry;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Compares the two times of a lease at the start, if the silo is in the gateway's process. Otherwise the silos compare them when the gateway
/// registers.
/// </summary>
internal sealed class EmbeddedLeaseValidator(IOptions<BackplaneOptions> backplane) : IValidateOptions<RegistryOptions>
{
    public ValidateOptionsResult Validate(string? name, RegistryOptions options) => options.ErrorOf(backplane.Value.FenceAfter) is { } error
        ? ValidateOptionsResult.Fail($"{BackplaneOptions.SectionName}:{nameof(backplane.Value.FenceAfter)} {error}.")
        : ValidateOptionsResult.Success;
}
