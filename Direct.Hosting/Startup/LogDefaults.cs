using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Direct.Startup;

/// <summary>Sets the default log levels of a program.</summary>
public static class LogDefaults
{
    /// <summary>Sets log levels with a lower precedence than every source of settings, so that each of them can override the levels.</summary>
    public static void AddLogDefaults(this IHostApplicationBuilder builder, params IEnumerable<(string Category, LogLevel Level)> levels)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = levels.Select(level => KeyValuePair.Create($"Logging:LogLevel:{level.Category}", (string?)level.Level.ToString())),
        });
    }
}
