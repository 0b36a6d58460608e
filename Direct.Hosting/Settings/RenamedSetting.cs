namespace Direct.Settings;

/// <summary>Represents a setting that has been renamed.</summary>
/// <param name="FormerName">The full name that it had before.</param>
/// <param name="Name">The full name that it has now.</param>
internal sealed record RenamedSetting(string FormerName, string Name);
