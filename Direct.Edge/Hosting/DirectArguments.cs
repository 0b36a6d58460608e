using Microsoft.Extensions.Configuration;

namespace Direct.Edge.Hosting;

/// <summary>
/// The command line of the original: <c>port=8085 env=test</c>. A bare word stands for one setting; any setting can be given by its
/// full name as well (<c>Direct:Limits:MaxConnections=5000</c>), with or without leading dashes.
/// </summary>
internal sealed class DirectArguments(IReadOnlyList<string> args, IEnumerable<KeyValuePair<string, string>> moreWords)
{
    private const int LongestWord = 16;
    private const int LongestValue = 64;

    private readonly Dictionary<string, string> _words = new(moreWords, StringComparer.OrdinalIgnoreCase)
    {
        ["port"] = $"{EndpointOptions.SectionName}:{nameof(EndpointOptions.Port)}",
        ["env"] = $"{NodeOptions.SectionName}:{nameof(NodeOptions.Environment)}",
        ["transport"] = $"{EndpointOptions.SectionName}:{nameof(EndpointOptions.Transport)}",
        ["sessions"] = $"{Identity.SessionOptions.SectionName}:{nameof(Identity.SessionOptions.Mode)}",
    };

    /// <summary>The words there are.</summary>
    public IEnumerable<string> Known => _words.Keys;

    /// <summary>Arguments that mean nothing here: bare words nobody knows, and whatever is no <c>key=value</c>.</summary>
    public IEnumerable<string> Unknown => args.Where(argument =>
        Pair(argument) is not { } pair || (!pair.Key.Contains(':', StringComparison.Ordinal) && !_words.ContainsKey(pair.Key) && !IsDotNetOption(argument)));

    /// <summary>
    /// What a log may say of an argument: its name. A value may be a secret, and so may a long word without a name. Silos show the same.
    /// </summary>
    public static string WithoutValue(string argument) => argument.IndexOf('=', StringComparison.Ordinal) switch
    {
        < 0 when argument.Length > LongestWord => $"of {argument.Length} characters without '='",
        < 0 => argument,
        var equals => argument[..(equals + 1)] + "…",
    };

    /// <summary>A value that was meant to be a word or a number, unless it looks like a connection string or a key.</summary>
    public static string Shown(string? value) => value is { Length: > LongestValue } || value?.Contains('=', StringComparison.Ordinal) == true ? "…" : value ?? "";

    /// <summary>Adds the arguments as the last word on every setting they name.</summary>
    public void AddTo(IConfigurationBuilder configuration)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var argument in args)
        {
            if (Pair(argument) is { } pair && _words.TryGetValue(pair.Key, out var setting))
            {
                settings[setting] = pair.Value; // of a word that is there twice the last counts
            }
        }

        configuration.AddInMemoryCollection(settings);
    }

    // --urls=… and the like belong to the host.
    private static bool IsDotNetOption(string argument) => argument.StartsWith("--", StringComparison.Ordinal);

    private static KeyValuePair<string, string>? Pair(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals <= 0 ? null : KeyValuePair.Create(argument[..equals].TrimStart('-'), argument[(equals + 1)..]);
    }
}
