using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Direct.Edge.BackendApi;

/// <summary>Holds the parameters of a query string and of a form, strictly decoded.</summary>
internal sealed class QueryParameters
{
    private readonly Dictionary<string, byte[]> _values = [];

    private QueryParameters()
    {
    }

    /// <summary>
    /// Parses a query string and a form as they were sent. <c>+</c> is a space. If a parameter occurs twice, the first occurrence counts; a parameter
    /// that is in both the query string and the form is refused; parameters that are not in <paramref name="names"/> are ignored.
    /// </summary>
    /// <returns>The problem, or null.</returns>
    public static Problem? TryParse(string query, IReadOnlyCollection<string> names, out QueryParameters parameters, string form = "")
    {
        parameters = new QueryParameters();
        var inForm = new QueryParameters();
        if (parameters.TryTakeAll(query.AsSpan().TrimStart('?'), names) is { } wrongQuery)
        {
            return wrongQuery;
        }

        if (inForm.TryTakeAll(form, names) is { } wrongForm)
        {
            return wrongForm;
        }

        foreach (var (name, value) in inForm._values)
        {
            if (!parameters._values.TryAdd(name, value))
            {
                return Problem.BadRequest($"'{name}' is in the query string and in the body, which is a form: which one is meant?");
            }
        }

        return null;
    }

    /// <summary>Returns the value in UTF-8, or null if the parameter is missing.</summary>
    public byte[]? Bytes(string name) => _values.GetValueOrDefault(name);

    /// <summary>Returns the value, or null if the parameter is missing.</summary>
    public string? Text(string name) => Bytes(name) is { } utf8 ? Encoding.UTF8.GetString(utf8) : null;

    /// <summary>Reads a switch: 1 is on; 0 or an empty value is off.</summary>
    /// <returns>The problem, or null.</returns>
    public Problem? TryReadSwitch(string name, out bool isOn)
    {
        var text = Text(name);
        isOn = text is "1";
        return text is null or "0" or "1" ? null : Problem.BadRequest($"'{name}' is '{Problem.Shorten(text)}': expected 1 or 0.");
    }

    /// <summary>Reads a number of ASCII digits only. The framework would ignore NULs after them.</summary>
    public static bool TryReadNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && !text.Contains('\0', StringComparison.Ordinal);

    private static string? Find(IReadOnlyCollection<string> names, ReadOnlySpan<char> name)
    {
        foreach (var known in names)
        {
            if (name.SequenceEqual(known))
            {
                return known;
            }
        }

        return null;
    }

    private Problem? TryTakeAll(ReadOnlySpan<char> text, IReadOnlyCollection<string> names)
    {
        foreach (var range in text.Split('&'))
        {
            var pair = text[range];
            var equals = pair.IndexOf('=');
            if (equals >= 0 && Find(names, pair[..equals]) is { } name && TryTake(name, pair[(equals + 1)..]) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private Problem? TryTake(string name, ReadOnlySpan<char> value)
    {
        if (_values.ContainsKey(name))
        {
            return null;
        }

        if (!PercentText.TryDecode(value, out var bytes))
        {
            return Problem.BadRequest($"'{name}' is badly escaped: '%' must be followed by two hexadecimal digits.");
        }

        if (!Utf8.IsValid(bytes))
        {
            return Problem.BadRequest($"'{name}' is not valid UTF-8 once its escapes are decoded.");
        }

        _values.Add(name, bytes);
        return null;
    }
}
