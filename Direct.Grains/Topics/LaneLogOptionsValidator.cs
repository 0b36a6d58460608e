using Microsoft.Extensions.Options;

namespace Direct.Grains.Topics;

/// <summary>Checks how the time for a recovery relates to other times.</summary>
internal sealed class LaneLogOptionsValidator : IValidateOptions<LaneLogOptions>
{
    // The default of Direct:Signals:PublishTimeout and Direct:Connections:SayTimeout. A silo does not know the settings of gateways.
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(6);

    public ValidateOptionsResult Validate(string? name, LaneLogOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.RecoverFor < LaneRecovery.RecoverUnresponsiveFor)
        {
            result.AddError($"{LaneLogOptions.SectionName}:RecoverFor is {options.RecoverFor}; it must be at least {LaneRecovery.RecoverUnresponsiveFor}, the time "
                + "for which a gateway is awaited that did not answer lately.");
        }

        if (options.RecoverFor + LaneRecovery.InstallFor > PublishTimeout)
        {
            result.AddError($"{LaneLogOptions.SectionName}:RecoverFor is {options.RecoverFor}; it must be at most {PublishTimeout - LaneRecovery.InstallFor}, because gateways "
                + $"refuse a signal that is not accepted within {PublishTimeout} (Direct:Signals:PublishTimeout, Direct:Connections:SayTimeout), and a lane that has waited for "
                + "one gateway needs time to tell the others.");
        }

        return result.Build();
    }
}
