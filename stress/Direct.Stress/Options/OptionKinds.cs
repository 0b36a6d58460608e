using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Direct.Stress.Options;

/// <summary>Creates options for each kind of value. The error of a value of another kind names it and what was expected.</summary>
internal static class OptionKinds
{
    public static Option<int> Whole(string name, int @default, int least, int most, string description) => new(name)
    {
        Description = description,
        HelpName = "n",
        DefaultValueFactory = _ => @default,
        CustomParser = result => (int)(ReadWhole(result, name, least, most) ?? @default),
    };

    public static Option<long?> OptionalWhole(string name, long least, long most, string description) => new(name)
    {
        Description = description,
        HelpName = "n",
        CustomParser = result => ReadWhole(result, name, least, most),
    };

    public static Option<double> Number(string name, double @default, double least, double most, string description) => new(name)
    {
        Description = description,
        HelpName = "number",
        DefaultValueFactory = _ => @default,
        CustomParser = result => ReadNumber(result, name, least, most) ?? @default,
    };

    public static Option<double?> OptionalNumber(string name, double least, double most, string description) => new(name)
    {
        Description = description,
        HelpName = "number",
        CustomParser = result => ReadNumber(result, name, least, most),
    };

    /// <summary>Creates an option for one of several words; null if it is not given and has no default.</summary>
    public static Option<string?> Word(string name, string? @default, IReadOnlyCollection<string> words, string description)
    {
        var option = new Option<string?>(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (!words.Contains(text))
                {
                    result.AddError(Wrong(name, text, $"one of {string.Join(", ", words)}"));
                }

                return text;
            },
        };
        if (@default is not null)
        {
            option.DefaultValueFactory = _ => @default;
        }

        return option;
    }

    /// <summary>Creates an option for addresses, which may be given several times.</summary>
    public static Option<string[]> Urls(string name, string[] @default, string[] schemes, string description) => new(name)
    {
        Description = description,
        HelpName = "url",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => @default,
        CustomParser = result =>
        {
            var expected = $"an address that begins with {string.Join(" or ", schemes.Select(static scheme => scheme + "://"))}";
            foreach (var token in result.Tokens)
            {
                if (!Uri.TryCreate(token.Value, UriKind.Absolute, out var uri) || !schemes.Contains(uri.Scheme) || uri.Host.Length == 0)
                {
                    result.AddError(Wrong(name, token.Value, expected));
                }
            }

            return [.. result.Tokens.Select(static token => token.Value)];
        },
    };

    /// <summary>Creates an option for process ids, separated by commas or given several times.</summary>
    public static Option<int[]> ProcessIds(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "pid,pid",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            List<int> ids = [];
            foreach (var text in result.Tokens.SelectMany(static token => token.Value.Split(',')))
            {
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
                {
                    ids.Add(id);
                }
                else
                {
                    result.AddError(Wrong(name, text, "numbers of running processes, like 1234 or 1234,1235"));
                }
            }

            return [.. ids];
        },
    };

    public static string Wrong(string name, string value, string expected) => $"{name}={value}: {expected} expected";

    private static long? ReadWhole(ArgumentResult result, string name, long least, long most)
    {
        var text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= least
            && value <= most)
        {
            return value;
        }

        result.AddError(Wrong(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}")));
        return null;
    }

    private static double? ReadNumber(ArgumentResult result, string name, double least, double most)
    {
        var text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }

        result.AddError(Wrong(name, text, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}")));
        return null;
    }
}
