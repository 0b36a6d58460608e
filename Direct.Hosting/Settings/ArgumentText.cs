namespace Direct.Settings;

/// <summary>Decides what may be shown of a command line and of a setting: a value may be a password, or a connection string that contains one.</summary>
public static class ArgumentText
{
    private const int LongestWord = 16;
    private const int LongestValue = 64;

    /// <summary>Returns the name of an argument without its value. For a long argument without a name it returns only its length.</summary>
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

    /// <summary>Returns a value that should be a word or a number, unless it looks like a connection string or a key.</summary>
    public static string Shown(string? value) => value is { Length: > LongestValue } || value?.Contains('=', StringComparison.Ordinal) == true ? "…" : value ?? "";
}
