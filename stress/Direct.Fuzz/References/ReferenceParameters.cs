using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Direct.Edge.Topics;

namespace Direct.Fuzz.References;

/// <summary>
/// Reads the parameters of a query string and a form by regular expressions: a value is the text after the first <c>name=</c> between two
/// <c>&amp;</c>. It is decoded strictly.
/// </summary>
internal sealed partial class ReferenceParameters(string query, string form)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Returns whether a parameter is in both, or cannot be decoded.</summary>
    public bool AreWrong(params string[] names) => names.Any(name =>
        (Raw(query.TrimStart('?'), name) is { } inQuery && Decode(inQuery) is null)
        || (Raw(form, name) is { } inForm && (Decode(inForm) is null || Raw(query.TrimStart('?'), name) is not null)));

    /// <summary>Returns the value, or null if it is missing.</summary>
    public string? Text(string name) => (Raw(query.TrimStart('?'), name) ?? Raw(form, name)) is { } raw ? Decode(raw) : null;

    /// <summary>Returns a number without a sign, from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static bool IsNumber(string text, int min, int max) =>
        Digits().IsMatch(text) && BigInteger.Parse(text, CultureInfo.InvariantCulture) is var number && number >= min && number <= max;

    /// <summary>Reads three numbers of 64 bits, of which none has more than 64 characters.</summary>
    public static Target? ParseTarget(string? text)
    {
        var fields = text?.Split(',') ?? [];
        if (fields.Length != 3 || !fields.All(static field => field.Length <= 64 && SignedDigits().IsMatch(field)))
        {
            return null;
        }

        var numbers = Array.ConvertAll(fields, static field => BigInteger.Parse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        return numbers.All(static number => number >= long.MinValue && number <= long.MaxValue)
            ? new Target((long)numbers[0], (long)numbers[1], (long)numbers[2])
            : null;
    }

    private static string? Raw(string text, string name) =>
        text.Split('&').FirstOrDefault(pair => pair.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    // Null if an escape is invalid, or the result is not UTF-8.
    private static string? Decode(string raw)
    {
        if (!Escaped().IsMatch(raw))
        {
            return null;
        }

        var bytes = new List<byte>();
        foreach (Match part in Parts().Matches(raw))
        {
            bytes.AddRange(part.Value switch
            {
                "+" => " "u8.ToArray(),
                ['%', ..] => Convert.FromHexString(part.Value[1..]),
                _ => StrictUtf8.GetBytes(part.Value),
            });
        }

        try
        {
            return StrictUtf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\A([^%]|%[0-9A-Fa-f]{2})*\z", RegexOptions.Singleline)]
    private static partial Regex Escaped();

    [GeneratedRegex(@"\+|%..|[^%+]+", RegexOptions.Singleline)]
    private static partial Regex Parts();

    [GeneratedRegex(@"\A[0-9]+\z")]
    private static partial Regex Digits();

    [GeneratedRegex(@"\A[+-]?[0-9]+\z")]
    private static partial Regex SignedDigits();
}
