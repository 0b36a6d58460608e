using System.Text.RegularExpressions;
using Direct.Testing;

namespace Direct.Deploy.Tests.Settings;

/// <summary>Represents the documented settings of a program: its keys, their defaults, and its ports and times.</summary>
internal sealed partial class ProgramSettings
{
    private const string Tls = "docs/reference/tls.md";

    private readonly Dictionary<string, string> _defaults = new(StringComparer.OrdinalIgnoreCase);

    private ProgramSettings(params string[] documents)
    {
        foreach (var row in documents.SelectMany(document => Documents.Table(document, "setting", "default")))
        {
            Add(row[0], row[1]);
        }
    }

    public static ProgramSettings Gateway { get; } = new(
        "docs/reference/settings.md#gateways", "docs/reference/settings.md#gateways-in-a-cluster", "docs/reference/settings.md#session-database", Tls);

    public static ProgramSettings Silo { get; } = new("docs/reference/settings.md#silos", Tls);

    /// <summary>Returns whether the program reads this environment variable.</summary>
    public bool Knows(string variable)
    {
        var key = variable.Replace("__", ":", StringComparison.Ordinal);
        return _defaults.ContainsKey(key)
            || _defaults.ContainsKey(Item().Replace(key, ""))
            || variable is "POD_IP" or "POD_NAME"
            || variable.StartsWith("DOTNET_", StringComparison.Ordinal)
            || variable.StartsWith("OTEL_", StringComparison.Ordinal)
            || key.StartsWith("Logging:LogLevel:", StringComparison.Ordinal);
    }

    /// <summary>Returns the time or number at the start of a default.</summary>
    public int Default(string key)
    {
        var text = _defaults[key];
        var number = Number().Match(text);
        Assert.True(number.Success, $"{key}: '{text}' does not begin with a number");
        return int.Parse(number.Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    // `Direct:Silo:ListenSiloPort`, `ListenGatewayPort` are two settings of one section; an alias for the command line is not a setting.
    private void Add(string cell, string value)
    {
        var section = "";
        foreach (var name in cell.Split(", ").Where(name => !name.StartsWith("short ", StringComparison.Ordinal)))
        {
            var key = name.Contains(':', StringComparison.Ordinal) ? name : section + name;
            section = key[..(key.LastIndexOf(':') + 1)];
            _defaults[key] = value;
        }
    }

    [GeneratedRegex(@":\d+$")]
    private static partial Regex Item();

    [GeneratedRegex(@"^\d+")]
    private static partial Regex Number();
}
