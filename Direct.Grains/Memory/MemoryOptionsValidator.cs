using Microsoft.Extensions.Options;

namespace Direct.Grains.Memory;

internal sealed class MemoryOptionsValidator : IValidateOptions<MemoryOptions>
{
    public ValidateOptionsResult Validate(string? name, MemoryOptions options) => options.BudgetBytes >= 0
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail($"{MemoryOptions.SectionName}:{nameof(options.BudgetBytes)} is {options.BudgetBytes}; it must be 0, for three quarters of what there is, or more.");
}
