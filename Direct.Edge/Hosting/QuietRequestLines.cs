using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>
/// Keeps request lines out of every log, at any level, because <c>key=</c> in a query string is a key. The host would log them at Information, and
/// the web server at Debug for a request that it cannot read.
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

        // Applies to a provider without any rule; every other rule has precedence.
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
