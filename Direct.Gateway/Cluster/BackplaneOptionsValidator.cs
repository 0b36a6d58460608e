using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

internal sealed class BackplaneOptionsValidator : IValidateOptions<BackplaneOptions>
{
    public ValidateOptionsResult Validate(string? name, BackplaneOptions options) => options.RenewInterval * 3 > options.FenceAfter
        ? ValidateOptionsResult.Fail($"{BackplaneOptions.SectionName}:RenewInterval is {options.RenewInterval}; it must be at most a third of FenceAfter "
            + $"({options.FenceAfter}), or a lost renewal or two close every connection.")
        : ValidateOptionsResult.Success;
}
