using System.Reflection;
using Direct.Grains.Registry;
using Direct.Grains.Tls;
using Direct.Memory;
using Direct.Telemetry.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Silo.Hosting;

/// <summary>Finds every fault of the settings at once, each with its key, its value and the rule, before anything starts.</summary>
internal sealed class SettingsCheck(IConfiguration configuration, SiloArguments arguments, IServiceProvider services)
{
    public IReadOnlyList<string> Faults() =>
    [
        .. arguments.Faults,
        .. Faults<ClusterOptions>(ClusterOptions.SectionName),
        .. UnknownKeys<SiloOptions>(SiloOptions.SectionName),
        .. Faults<SiloOptions>(SiloOptions.SectionName),
        .. UnknownKeys<RegistryOptions>(RegistryOptions.SectionName),
        .. Faults<RegistryOptions>(RegistryOptions.SectionName),
        .. UnknownKeys<MemoryOptions>(MemoryOptions.SectionName),
        .. Faults<MemoryOptions>(MemoryOptions.SectionName),
        .. UnknownKeys<ClusterTlsOptions>(ClusterTlsOptions.SectionName),
        .. Faults<ClusterTlsOptions>(ClusterTlsOptions.SectionName),
    ];

    // Binding throws at the first value that is no number or time, so those are looked for one by one, before.
    private IEnumerable<string> Faults<TOptions>(string section)
        where TOptions : class
    {
        var unreadable = Settings<TOptions>().Where(setting => !CanRead(setting, section)).ToList();
        if (unreadable.Count > 0)
        {
            return unreadable.Select(setting =>
                $"{section}:{setting.Name} is '{ArgumentText.Shown(configuration[$"{section}:{setting.Name}"])}'; it must be {Kind(setting.PropertyType)}.");
        }

        try
        {
            _ = services.GetRequiredService<IOptions<TOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
        catch (InvalidOperationException)
        {
            return []; // rests on a section that cannot be read, which is reported for itself
        }
    }

    // Only where nobody else reads the section: Direct:Cluster, for one, holds settings of gateways too.
    private IEnumerable<string> UnknownKeys<TOptions>(string section) =>
        from child in configuration.GetSection(section).GetChildren()
        where !Settings<TOptions>().Any(setting => string.Equals(setting.Name, child.Key, StringComparison.OrdinalIgnoreCase))
        select $"{child.Path} is set, and there is no such setting; there are {string.Join(", ", Settings<TOptions>().Select(setting => setting.Name))}.";

    private bool CanRead(PropertyInfo setting, string section)
    {
        try
        {
            _ = configuration.GetValue(setting.PropertyType, $"{section}:{setting.Name}");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static IEnumerable<PropertyInfo> Settings<TOptions>() => typeof(TOptions).GetProperties().Where(setting => setting.CanWrite);

    private static string Kind(Type type) => type == typeof(TimeSpan) ? "a time as hh:mm:ss, 00:00:30 for half a minute" : "a whole number";
}
