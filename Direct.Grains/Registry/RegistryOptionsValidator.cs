using Microsoft.Extensions.Options;

namespace Direct.Grains.Registry;

internal sealed class RegistryOptionsValidator : IValidateOptions<RegistryOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, RegistryOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckRange(result, nameof(options.LeaseDuration), options.LeaseDuration, TimeSpan.FromSeconds(3));
        CheckRange(result, nameof(options.ColdStartDelay), options.ColdStartDelay, TimeSpan.Zero);
        return result.Build();
    }

    private static void CheckRange(ValidateOptionsResultBuilder result, string key, TimeSpan value, TimeSpan shortest)
    {
        if (value < shortest || value > Longest)
        {
            result.AddError($"{RegistryOptions.SectionName}:{key} is {value}; it must be from {shortest} to {Longest}.");
        }
    }
}
