using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Direct.Telemetry.Logging;

/// <summary>Adds a console log whose writers never wait for its reader.</summary>
public static class DirectLogging
{
    /// <summary>Logs to the console as .NET does, except that messages that are not read in time are dropped, counted and reported.</summary>
    /// <param name="builder">The program.</param>
    public static void AddDirectLogging(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddConsole(); // for its formatters and options; its provider is replaced
        builder.Services.Remove(builder.Services.Single(static service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<QueuedConsoleProvider>();
        builder.Services.AddSingleton<ILoggerProvider>(static services => services.GetRequiredService<QueuedConsoleProvider>());
        builder.Services.AddHostedService<DroppedMessages>();
    }
}
