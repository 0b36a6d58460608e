using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Direct.Settings;

/// <summary>Reads the settings of a program.</summary>
public static class DirectSettings
{
    /// <summary>
    /// Gives the command line precedence for every setting that it names, accepts the former names of renamed settings, and checks all settings
    /// at the start.
    /// </summary>
    /// <param name="builder">The program.</param>
    /// <param name="args">The command line.</param>
    /// <param name="example">A setting by its full name with a value, for the sentence that refuses an argument.</param>
    /// <param name="aliases">The aliases of the command line, and the settings they stand for.</param>
    public static void AddDirectArguments(
        this IHostApplicationBuilder builder, IReadOnlyList<string> args, string example, IEnumerable<KeyValuePair<string, string>> aliases)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var arguments = new DirectArguments(args, example, aliases);
        builder.Configuration.AddInMemoryCollection(arguments.Settings);
        var renamed = new RenamedSettings(builder.Configuration);
        builder.Configuration.AddInMemoryCollection(renamed.Values.ToList());
        builder.Services.AddSingleton(arguments);
        builder.Services.AddSingleton(renamed);
        builder.Services.AddSingleton<SettingsCheck>();
    }

    /// <summary>Binds a class of options to its section, and makes the check at the start validate its ranges and keys.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="name">The section.</param>
    /// <param name="isShared">Whether other programs have settings in the section that this program does not know.</param>
    public static IServiceCollection AddDirectOptions<TOptions>(this IServiceCollection services, string name, bool isShared = false)
        where TOptions : class
    {
        services.AddOptions<TOptions>().BindConfiguration(name);
        return services.AddSingleton<IOptionsSection>(new OptionsSection<TOptions>(name, isShared));
    }
}
