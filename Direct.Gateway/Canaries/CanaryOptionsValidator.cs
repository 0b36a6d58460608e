using Microsoft.Extensions.Options;

namespace Direct.Gateway.Canaries;

/// <summary>Checks how the times relate.</summary>
internal sealed class CanaryOptionsValidator : IValidateOptions<CanaryOptions>
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(500);

    public ValidateOptionsResult Validate(string? name, CanaryOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.Interval == TimeSpan.Zero)
        {
            return result.Build();
        }

        if (options.Interval < ShortestInterval)
        {
            result.AddError($"{CanaryOptions.SectionName}:Interval is {options.Interval}; it must be at least {ShortestInterval}, or 0 for no canaries.");
        }

        if (options.Timeout > options.Interval)
        {
            result.AddError($"{CanaryOptions.SectionName}:Timeout is {options.Timeout}; it must be at most Interval ({options.Interval}), because only one round is under way.");
        }

        if (options.NotReadyAfter < options.Interval + options.Timeout)
        {
            result.AddError($"{CanaryOptions.SectionName}:NotReadyAfter is {options.NotReadyAfter}; it must be at least Interval and Timeout together "
                + $"({options.Interval + options.Timeout}), or a single lost canary takes the gateway out of the load balancer.");
        }

        return result.Build();
    }
}
