using Direct.Memory;
using Microsoft.Extensions.Options;

namespace Direct.Grains.Memory;

internal sealed class MemoryOptionsValidator : IValidateOptions<MemoryOptions>
{
    public ValidateOptionsResult Validate(string? name, MemoryOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(result, nameof(options.BudgetBytes), options.BudgetBytes, "three quarters");
        Check(result, nameof(options.QueueBytes), options.QueueBytes, "a quarter");
        return result.Build();
    }

    private static void Check(ValidateOptionsResultBuilder result, string key, long value, string share)
    {
        if (value < 0)
        {
            result.AddError($"{MemoryOptions.SectionName}:{key} is {value}; it must be 0, for {share} of what there is, or more.");
        }
    }
}
