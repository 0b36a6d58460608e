namespace Direct.Settings;

/// <summary>What may be shown of a command line and of a setting: a value may be a password, or a connection string that has one.</summary>
public static class ArgumentText
{
    private const int LongestWord = 16;
    private const int LongestValue = 64;

    /// <summary>The name of an argument, and not its value; of a long word without a name nothing.</summary>
    public static string WithoutValue(string argument)
    {
        ArgumentNullException.ThrowIfNull(argument);
        return argument.IndexOf('=', StringComparison.Ordinal) switch
        {
            < 0 when argument.Length > LongestWord => $"of {argument.Length} characters without '='",
            < 0 => argument,
            var equals => argument[..(equals + 1)] + "…",
        };
    }

    /// <summary>A value that was meant to be a word or a number, unless it looks like a connection string or a key.</summary>
    public static string Shown(string? value) => value is { Length: > LongestValue } || value?.Contains('=', StringComparison.Ordinal) == true ? "…" : value ?? "";
}
