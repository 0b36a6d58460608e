using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Direct.Telemetry.Logging;

/// <summary>Lets a program log without waiting for the reader of its log.</summary>
public static class DirectLogging
{
    /// <summary>Logs to the console as .NET does, except that what is not read in time is dropped, counted and reported.</summary>
    /// <param name="builder">The program.</param>
    public static void AddDirectLogging(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddConsole(); // its formatters and its options, without its provider
        builder.Services.Remove(builder.Services.Single(static service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<QueuedConsoleProvider>();
        builder.Services.AddSingleton<ILoggerProvider>(static services => services.GetRequiredService<QueuedConsoleProvider>());
        builder.Services.AddHostedService<DroppedMessages>();
    }
}
