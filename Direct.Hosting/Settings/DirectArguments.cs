namespace Direct.Settings;

/// <summary>
/// Reads the command line of the original server: <c>port=8085 env=test</c>. An alias stands for one setting. Any setting can also be given by its
/// full name (<c>Direct:Limits:MaxConnections=5000</c>), with or without leading dashes, which the host itself reads.
/// </summary>
/// <param name="args">The command line.</param>
/// <param name="example">A setting by its full name with a value, for the sentence that refuses an argument.</param>
/// <param name="aliases">The aliases, and the settings they stand for.</param>
internal sealed class DirectArguments(IReadOnlyList<string> args, string example, IEnumerable<KeyValuePair<string, string>> aliases)
{
    private readonly Dictionary<string, string> _aliases = new(aliases, StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets all aliases.</summary>
    public IEnumerable<string> Known => _aliases.Keys;

    /// <summary>Gets the settings that are given by an alias, each once.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings =>
        from arguments in ByAlias
        select KeyValuePair.Create(_aliases[arguments.Key], (string?)Value(arguments.Last()));

    /// <summary>
    /// Gets the errors of the command line: unknown aliases and arguments that are not <c>key=value</c>, which would otherwise have no effect, and
    /// aliases that are given twice, of which one would have none.
    /// </summary>
    public IEnumerable<string> Errors => Unknown.Concat(
        from arguments in ByAlias
        where arguments.Count() > 1
        select $"Argument '{arguments.Key}=' is there {arguments.Count()} times; it must be there once.");

    private IEnumerable<string> Unknown =>
        from argument in args
        let name = Name(argument)
        where name is null || !(_aliases.ContainsKey(name) || name.Contains(':', StringComparison.Ordinal) || IsOfTheHost(argument))
        select $"Argument '{ArgumentText.WithoutValue(argument)}' is unknown; it must be one of {string.Join(", ", _aliases.Keys.Select(known => $"{known}=…"))}, "
            + $"or a setting by its full name, {example} for instance.";

    private IEnumerable<IGrouping<string, string>> ByAlias =>
        from argument in args
        let name = Name(argument)
        where name is not null && _aliases.ContainsKey(name)
        group argument by name.ToLowerInvariant();

    // For example --urls=….
    private static bool IsOfTheHost(string argument) => argument.StartsWith("--", StringComparison.Ordinal);

    private static string Value(string argument) => argument[(argument.IndexOf('=', StringComparison.Ordinal) + 1)..];

    private static string? Name(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals <= 0 ? null : argument[..equals].TrimStart('-');
    }
}
