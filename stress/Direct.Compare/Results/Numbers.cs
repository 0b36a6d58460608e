using System.Globalization;

namespace Direct.Compare.Results;

/// <summary>Formats numbers for people.</summary>
internal static class Numbers
{
    /// <summary>Formats a number with about three significant digits, and thousands with commas.</summary>
    public static string Text(double value) => Math.Abs(value) switch
    {
        >= 99.95 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 9.995 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.9995 or 0 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    /// <summary>Formats a number that was chosen and not measured, with all of its digits.</summary>
    public static string Round(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    /// <summary>Formats a value with its range: <c>5.6 (5.1-6.2)</c>.</summary>
    public static string Text(Statistics? statistics) => statistics is not { } all ? "-"
        : all.Least == all.Most ? Text(all.Median)
        : $"{Text(all.Median)} ({Text(all.Least)}-{Text(all.Most)})";
}
