using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.OperatorConsole;

/// <summary>Adds the console page.</summary>
internal static class ConsoleServices
{
    public static IServiceCollection AddDirectConsole(this IServiceCollection services) => services
        .AddDirectOptions<ConsoleOptions>(ConsoleOptions.SectionName)
        .AddSingleton<IValidateOptions<ConsoleOptions>, ConsoleOptionsValidator>()
        .AddSingleton<ConsolePage>()
        .AddSingleton<ConsoleEndpoint>();
}
