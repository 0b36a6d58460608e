using Microsoft.Extensions.Configuration;

namespace Direct.Settings;

/// <summary>Reads settings that are given by a former name. A former name works for one version after the setting was renamed.</summary>
/// <param name="configuration">The settings as they were given.</param>
internal sealed class RenamedSettings(IConfiguration configuration)
{
    /// <summary>Gets the settings that have a former name. Entries of the previous version are removed with each new version.</summary>
    public static IReadOnlyList<RenamedSetting> All { get; } =
    [
        new("Direct:Cluster:MaxSetAsideBytes", "Direct:Cluster:MaxUnresponsiveBytes"),
        new("Direct:Signals:AnswerTimeout", "Direct:Signals:AckTimeout"),
        new("Direct:Signals:PlaceTimeout", "Direct:Signals:PublishTimeout"),
        new("Direct:Signals:RememberIdsFor", "Direct:Signals:IdempotencyWindow"),
    ];

    /// <summary>Gets the settings that are given by their former name only.</summary>
    public IReadOnlyList<RenamedSetting> Used { get; } =
        [.. All.Where(setting => IsGiven(configuration, setting.FormerName) && !IsGiven(configuration, setting.Name))];

    /// <summary>Gets the settings that are given by both names, so that it is not clear which value counts.</summary>
    public IReadOnlyList<RenamedSetting> Ambiguous { get; } =
        [.. All.Where(setting => IsGiven(configuration, setting.FormerName) && IsGiven(configuration, setting.Name))];

    /// <summary>Gets the values of <see cref="Used"/> under the new names.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Values =>
        from setting in Used
        from entry in configuration.GetSection(setting.FormerName).AsEnumerable()
        select KeyValuePair.Create(setting.Name + entry.Key[setting.FormerName.Length..], entry.Value);

    /// <summary>Returns whether <paramref name="key"/> is the former name of a setting.</summary>
    public static bool IsFormerName(string key) => All.Any(setting => setting.FormerName.Equals(key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns the name by which the setting <paramref name="name"/> is given, for messages.</summary>
    public string GivenName(string name) => Used.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.FormerName ?? name;

    private static bool IsGiven(IConfiguration configuration, string key) => configuration.GetSection(key).Exists();
}
