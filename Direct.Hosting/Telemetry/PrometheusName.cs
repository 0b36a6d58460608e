using System.Text;

namespace Direct.Telemetry;

/// <summary>
/// The names that instruments and tags have in the text format: letters, digits and underscores, the unit in full at the end, and
/// <c>_total</c> behind that of a counter.
/// </summary>
internal static class PrometheusName
{
    private const string Total = "_total";

    // UCUM's short words, as far as .NET, Orleans and MySqlConnector use them; what is not here stays as it is.
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["kBy"] = "kilobytes",
        ["MBy"] = "megabytes",
        ["GBy"] = "gigabytes",
        ["%"] = "percent",
        ["1"] = "",
    };

    /// <summary>The name of a family: <c>direct.gateway.signal.duration</c> in <c>s</c> is <c>direct_gateway_signal_duration_seconds</c>.</summary>
    /// <param name="instrument">The instrument's name.</param>
    /// <param name="unit">Its unit, or null. Annotations, <c>{connection}</c>, are not part of a name.</param>
    /// <param name="isCounter">Whether it only ever rises.</param>
    public static string Of(string instrument, string? unit, bool isCounter)
    {
        var name = Clean(instrument, isLabel: false);
        if (isCounter && name.EndsWith(Total, StringComparison.Ordinal))
        {
            name = name[..^Total.Length];
        }

        var suffix = Spell(unit);
        if (suffix.Length > 0 && !name.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            name = $"{name}_{suffix}";
        }

        return isCounter ? name + Total : name;
    }

    /// <summary>The name of a label.</summary>
    public static string OfLabel(string tag) => Clean(tag, isLabel: true);

    private static string Spell(string? unit)
    {
        if (string.IsNullOrEmpty(unit))
        {
            return "";
        }

        var parts = WithoutAnnotations(unit).Split('/', 2);
        var (what, per) = (Word(parts[0]), parts.Length > 1 ? Word(parts[1]) : "");
        return per.Length == 0 ? what : $"{what}_per_{per.TrimEnd('s')}".TrimStart('_');
    }

    private static string Word(string unit) => Units.TryGetValue(unit, out var word) ? word : unit.Length == 0 ? "" : Clean(unit, isLabel: false).Trim('_');

    private static string WithoutAnnotations(string unit)
    {
        var text = new StringBuilder();
        var depth = 0;
        foreach (var character in unit)
        {
            depth += character is '{' ? 1 : 0;
            if (depth == 0)
            {
                text.Append(character);
            }

            depth -= character is '}' && depth > 0 ? 1 : 0;
        }

        return text.ToString().Trim();
    }

    // One underscore for whatever is between two legal characters: names that begin with two are Prometheus' own.
    private static string Clean(string text, bool isLabel)
    {
        var name = new StringBuilder(text.Length + 1);
        foreach (var character in text)
        {
            var legal = char.IsAsciiLetterOrDigit(character) || (character is ':' && !isLabel) ? character : '_';
            if (name.Length == 0 && char.IsAsciiDigit(legal))
            {
                name.Append('_');
            }

            if (legal is not '_' || name.Length == 0 || name[^1] is not '_')
            {
                name.Append(legal);
            }
        }

        return name.Length == 0 ? "_" : name.ToString();
    }
}
