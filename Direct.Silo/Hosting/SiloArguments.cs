using Direct.Telemetry.Hosting;

namespace Direct.Silo.Hosting;

/// <summary>
/// The command line: <c>cluster=mysql Direct:Silo:SiloPort=11111</c>. A bare word stands for one setting; any setting can be given by
/// its full name, which the host reads itself.
/// </summary>
internal sealed class SiloArguments(IReadOnlyList<string> args)
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cluster"] = $"{ClusterOptions.SectionName}:{nameof(ClusterOptions.Provider)}",
        ["schema"] = $"{SiloOptions.SectionName}:{nameof(SiloOptions.Schema)}",
    };

    /// <summary>The settings that bare words stand for, each once.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings =>
        from arguments in ByWord
        select KeyValuePair.Create(Words[arguments.Key], (string?)Value(arguments.Last()));

    /// <summary>
    /// Bare words nobody knows, and whatever is no <c>key=value</c>: each would change nothing, in silence. And words that are there
    /// twice, for one of them would.
    /// </summary>
    public IEnumerable<string> Faults => Unknown.Concat(
        from arguments in ByWord
        where arguments.Count() > 1
        select $"Argument '{arguments.Key}=' is there {arguments.Count()} times; it must be there once.");

    private IEnumerable<string> Unknown =>
        from argument in args
        let word = Word(argument)
        where word is null || !(Words.ContainsKey(word) || word.Contains(':', StringComparison.Ordinal) || IsOfTheHost(argument))
        select $"Argument '{ArgumentText.WithoutValue(argument)}' is unknown; it must be one of {string.Join(", ", Words.Keys.Select(known => $"{known}=…"))}, "
            + $"or a setting by its full name, {SiloOptions.SectionName}:{nameof(SiloOptions.SiloPort)}=11111 for instance.";

    private IEnumerable<IGrouping<string, string>> ByWord =>
        from argument in args
        let word = Word(argument)
        where word is not null && Words.ContainsKey(word)
        group argument by word.ToLowerInvariant();

    // --environment=… and the like.
    private static bool IsOfTheHost(string argument) => argument.StartsWith("--", StringComparison.Ordinal);

    private static string Value(string argument) => argument[(argument.IndexOf('=', StringComparison.Ordinal) + 1)..];

    private static string? Word(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals <= 0 ? null : argument[..equals].TrimStart('-');
    }
}
