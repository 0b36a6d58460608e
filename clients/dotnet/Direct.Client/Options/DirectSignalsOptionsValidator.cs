using Microsoft.Extensions.Options;

namespace Direct.Client;

/// <summary>Checks the options of <c>DirectSignals</c>. It reports all faults, and never the key.</summary>
internal sealed class DirectSignalsOptionsValidator : IValidateOptions<DirectSignalsOptions>
{
    private static readonly TimeSpan IdempotencyWindow = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, DirectSignalsOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(DirectSignalsOptions options)
    {
        if (options.Gateways.Count == 0)
        {
            yield return "DirectSignalsOptions.Gateways is empty; it needs the address of at least one gateway, such as http://localhost:8085.";
        }

        foreach (var gateway in options.Gateways.Where(gateway => gateway is not { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "" }))
        {
            yield return $"DirectSignalsOptions.Gateways has '{gateway}'; expected an absolute http or https address without a query, such as http://localhost:8085.";
        }

        if (options.Key is { } key && (key.Length == 0 || key.Any(character => character is <= ' ' or > '~')))
        {
            yield return "DirectSignalsOptions.Key is empty or has a character that is not visible ASCII; expected one of the gateways' Direct:Signals:Keys, or null.";
        }

        if (options.TryTimeout <= TimeSpan.Zero || options.TryTimeout > options.TotalTimeout)
        {
            yield return $"DirectSignalsOptions.TryTimeout is {options.TryTimeout}; it must be above 0 and at most TotalTimeout ({options.TotalTimeout}).";
        }

        if (options.TotalTimeout > IdempotencyWindow)
        {
            yield return $"DirectSignalsOptions.TotalTimeout is {options.TotalTimeout}; it must be at most {IdempotencyWindow}, for which gateways remember ids.";
        }

        if (options.MaxBatch < 1)
        {
            yield return $"DirectSignalsOptions.MaxBatch is {options.MaxBatch}; it must be at least 1.";
        }

        if (options.MaxBatchBytes < 1)
        {
            yield return $"DirectSignalsOptions.MaxBatchBytes is {options.MaxBatchBytes}; it must be at least 1.";
        }
    }
}
