using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>
/// Finds every fault of the configuration at once, each with its key, its value and the rule, before the first socket opens.
/// </summary>
internal sealed class SettingsCheck(IEnumerable<IOptionsSection> sections, IConfiguration configuration, IServiceProvider services)
{
    private const string Root = "Direct";

    private IReadOnlyList<string>? _faults;

    /// <summary>What must be mended before the node can start.</summary>
    public IReadOnlyList<string> Faults => _faults ??= FindFaults();

    private IReadOnlyList<string> FindFaults()
    {
        var faults = new List<string>();
        foreach (var section in sections)
        {
            var unreadable = Unreadable(section).ToList();
            faults.AddRange(unreadable.Count > 0 ? unreadable : Invalid(section));
        }

        return [.. faults.Distinct()];
    }

    /// <summary>Keys under <c>Direct:</c> that nothing reads: a typo there would otherwise change nothing, in silence.</summary>
    public IEnumerable<string> UnknownKeys()
    {
        var known = sections.ToDictionary(section => section.Name, section => section, StringComparer.OrdinalIgnoreCase);
        foreach (var child in configuration.GetSection(Root).GetChildren())
        {
            if (!known.TryGetValue(child.Path, out var section))
            {
                yield return child.Path;
                continue;
            }

            foreach (var key in child.GetChildren().Where(key => Settings(section).All(setting => !Is(setting, key.Key))))
            {
                yield return key.Path;
            }
        }
    }

    // Values that are no number, time or word of the kind wanted: binding them would throw at the first.
    private IEnumerable<string> Unreadable(IOptionsSection section)
    {
        foreach (var setting in Settings(section))
        {
            var key = $"{section.Name}:{setting.Name}";
            if (IsList(setting) || configuration[key] is not { } text)
            {
                continue;
            }

            var type = Nullable.GetUnderlyingType(setting.PropertyType) ?? setting.PropertyType;
            if (!CanRead(type, text))
            {
                yield return $"{key} is '{text}'; it must be {Kind(type)}.";
            }
        }
    }

    private IEnumerable<string> Invalid(IOptionsSection section)
    {
        try
        {
            var options = section.Resolve(services);
            return Settings(section).SelectMany(setting => OutOfRange(section, setting, options));
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
        catch (InvalidOperationException)
        {
            return []; // relates to a section that cannot be read, which is reported for itself
        }
    }

    private static IEnumerable<string> OutOfRange(IOptionsSection section, PropertyInfo setting, object options) =>
        from range in setting.GetCustomAttributes<RangeAttribute>()
        let value = setting.GetValue(options)
        where !range.IsValid(value)
        select $"{section.Name}:{setting.Name} is {value}; it must be from {range.Minimum} to {range.Maximum}.";

    private static PropertyInfo[] Settings(IOptionsSection section) =>
        [.. section.OptionsType.GetProperties().Where(property => property.CanWrite || IsList(property))];

    private static bool IsList(PropertyInfo setting) => setting.PropertyType != typeof(string) && setting.PropertyType.IsAssignableTo(typeof(IEnumerable));

    private static bool Is(PropertyInfo setting, string key) => string.Equals(setting.Name, key, StringComparison.OrdinalIgnoreCase);

    private static bool CanRead(Type type, string text)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase);
        }

        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()}",
        _ when type == typeof(int) => "a whole number",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a time as hh:mm:ss, 00:00:30 for half a minute",
        _ => $"a {type.Name}",
    };
}

/// <summary>An options class and where it stands in the configuration.</summary>
internal interface IOptionsSection
{
    string Name { get; }

    Type OptionsType { get; }

    /// <summary>The bound and validated options; throws <see cref="OptionsValidationException"/>.</summary>
    object Resolve(IServiceProvider services);
}

/// <inheritdoc />
internal sealed class OptionsSection<TOptions>(string name) : IOptionsSection
    where TOptions : class
{
    public string Name { get; } = name;

    public Type OptionsType => typeof(TOptions);

    public object Resolve(IServiceProvider services) => services.GetRequiredService<IOptions<TOptions>>().Value;
}
