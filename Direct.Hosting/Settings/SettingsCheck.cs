using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Direct.Settings;

/// <summary>
/// Finds all errors in the command line and in the settings at once, each with its key, its value and the rule, before the first socket opens.
/// </summary>
internal sealed class SettingsCheck(
    DirectArguments arguments, RenamedSettings renamed, IEnumerable<IOptionsSection> sections, IConfiguration configuration, IServiceProvider services)
{
    private const string Root = "Direct";

    private IReadOnlyList<string>? _errors;

    /// <summary>Gets the errors that must be fixed before the program can start.</summary>
    public IReadOnlyList<string> Errors => _errors ??= FindErrors();

    /// <summary>
    /// Gets the sections under <c>Direct:</c> that this program does not read. They may belong to the other program, or be typing errors, which have
    /// no effect.
    /// </summary>
    public IEnumerable<string> UnknownSections =>
        from child in configuration.GetSection(Root).GetChildren()
        where !sections.Any(section => section.Name.Equals(child.Path, StringComparison.OrdinalIgnoreCase))
        select child.Path;

    /// <summary>Gets the settings of this program that are given by a former name.</summary>
    public IEnumerable<RenamedSetting> FormerNames => renamed.Used.Where(IsRead);

    private IReadOnlyList<string> FindErrors()
    {
        var errors = new List<string>(arguments.Errors);
        errors.AddRange(renamed.Ambiguous.Where(IsRead).Select(setting =>
            $"{setting.FormerName} and {setting.Name} are both set; only {setting.Name} must be: it is the new name of the same setting."));
        errors.AddRange(sections.GroupBy(section => section.Name, StringComparer.OrdinalIgnoreCase).SelectMany(UnknownKeys)); // several classes may share a section
        foreach (var section in sections)
        {
            var unreadable = Settings(section).Where(setting => !CanRead(section, setting) || Below(section, setting).Any()).ToList();
            errors.AddRange(unreadable.SelectMany(setting => Below(section, setting)).Select(key => $"{key} is set; it must not be: {key[..key.LastIndexOf(':')]} is a single value."));
            errors.AddRange(unreadable.Where(setting => !CanRead(section, setting)).Select(setting => $"{Key(section, setting)} is '{ArgumentText.Shown(configuration[Key(section, setting)])}'; it must be {Kind(setting.PropertyType)}."));
            errors.AddRange(ListsOfOneValue(section));
            errors.AddRange(OutOfRange(section, unreadable));
            errors.AddRange(Unrelated(section));
        }

        return [.. errors.Distinct()];
    }

    // A typing error would otherwise have no effect. The value is not shown, because it may be a password in the wrong setting.
    private IEnumerable<string> UnknownKeys(IGrouping<string, IOptionsSection> section)
    {
        string[] known = [.. section.SelectMany(Settings).Select(setting => setting.Name).Distinct()]; // two features may bind the same class
        return section.Any(part => part.IsShared) ? [] :
            from child in configuration.GetSection(section.Key).GetChildren()
            where !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase) && !RenamedSettings.IsFormerName(child.Path)
            select $"{child.Path} is set, and there is no such setting; there are {string.Join(", ", known)}.";
    }

    // Binding would drop the value, and its restriction would be lost. It is not shown, because it may be a key.
    private IEnumerable<string> ListsOfOneValue(IOptionsSection section) =>
        from setting in Settings(section)
        where IsList(setting) && !string.IsNullOrEmpty(configuration[Key(section, setting)])
        select $"{Key(section, setting)} is set as one value; it must be a list, one key an entry: {Key(section, setting)}:0 is the first.";

    // Checks the readable values; unreadable ones are reported by themselves.
    private IEnumerable<string> OutOfRange(IOptionsSection section, IReadOnlyCollection<PropertyInfo> unreadable)
    {
        var readable = new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.GetSection(section.Name).AsEnumerable(makePathsRelative: true)
                .Where(pair => !unreadable.Any(setting => pair.Key.Split(':')[0].Equals(setting.Name, StringComparison.OrdinalIgnoreCase))))
            .Build();
        var options = readable.Get(section.OptionsType) ?? Activator.CreateInstance(section.OptionsType)!;
        return
            from setting in Settings(section)
            from range in setting.GetCustomAttributes<RangeAttribute>()
            let value = setting.GetValue(options)
            where !range.IsValid(value)
            select $"{Key(section, setting)} is {value}; it must be from {range.Minimum} to {range.Maximum}.";
    }

    // The results of the validators, which check how settings relate to each other.
    private IEnumerable<string> Unrelated(IOptionsSection section)
    {
        try
        {
            section.Resolve(services);
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
        catch (InvalidOperationException)
        {
            return []; // depends on a setting that cannot be read, which is reported separately
        }
    }

    private bool CanRead(IOptionsSection section, PropertyInfo setting) =>
        IsList(setting) || configuration[Key(section, setting)] is not { } text || CanRead(UnderlyingType(setting.PropertyType), text);

    // A list has entries below it and an empty value has none; binding would read it as 0.
    private IEnumerable<string> Below(IOptionsSection section, PropertyInfo setting) =>
        configuration.GetSection(Key(section, setting)).GetChildren().SelectMany(entry => IsList(setting) ? entry.GetChildren() : [entry]).Select(key => key.Path);

    // Names a renamed setting as it was given: the operator must find it where it is set.
    private string Key(IOptionsSection section, PropertyInfo setting) => renamed.GivenName($"{section.Name}:{setting.Name}");

    private bool IsRead(RenamedSetting setting) =>
        sections.Any(section => setting.Name.StartsWith(section.Name + ":", StringComparison.OrdinalIgnoreCase));

    private static Type UnderlyingType(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static PropertyInfo[] Settings(IOptionsSection section) =>
        [.. section.OptionsType.GetProperties().Where(property => property.CanWrite || IsList(property))];

    private static bool IsList(PropertyInfo setting) => setting.PropertyType != typeof(string) && setting.PropertyType.IsAssignableTo(typeof(IEnumerable));

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

    private static string Kind(Type type) => UnderlyingType(type) switch
    {
        { IsEnum: true } choice => $"one of {string.Join(", ", Enum.GetNames(choice)).ToLowerInvariant()}",
        var number when number == typeof(int) || number == typeof(long) => "a whole number",
        var truth when truth == typeof(bool) => "true or false",
        var time when time == typeof(TimeSpan) => "a time as hh:mm:ss, 00:00:30 for half a minute",
        var other => $"a {other.Name}",
    };
}
