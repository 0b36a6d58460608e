using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>
/// Keeps request lines out of every log, whatever level is set: with <c>key=</c> in the query string they hold a key. The host would
/// write them at Information, and the web server, for a request that it cannot read, at Debug.
/// </summary>
internal sealed class QuietRequestLines : IPostConfigureOptions<LoggerFilterOptions>
{
    private static readonly string[] Categories =
    [
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Microsoft.AspNetCore.Server.Kestrel.BadRequests",
    ];

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        for (var i = 0; i < options.Rules.Count; i++)
        {
            if (MayApply(options.Rules[i].CategoryName))
            {
                options.Rules[i] = Restrict(options.Rules[i]);
            }
        }

        // For a provider without any rule; every other rule is better than this one.
        options.Rules.Insert(0, Restrict(new LoggerFilterRule(null, null, options.MinLevel, null)));
    }

    private static bool MayApply(string? category) =>
        category is null
        || category.Contains('*', StringComparison.Ordinal)
        || Array.Exists(Categories, quiet => quiet.StartsWith(category, StringComparison.OrdinalIgnoreCase));

    private static LoggerFilterRule Restrict(LoggerFilterRule rule) => new(
        rule.ProviderName,
        rule.CategoryName,
        rule.LogLevel,
        (provider, category, level) => (level >= LogLevel.Warning || !Categories.Contains(category, StringComparer.OrdinalIgnoreCase))
            && rule.Filter?.Invoke(provider, category, level) is not false);
}
