using Microsoft.Extensions.Configuration;

namespace Direct.Edge.Hosting;

/// <summary>
/// The command line of the original: <c>port=8085 env=test</c>. A bare word stands for one setting; any setting can be given by its
/// full name as well (<c>Direct:Limits:MaxConnections=5000</c>), with or without leading dashes.
/// </summary>
public static class DirectArguments
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["port"] = $"{EndpointOptions.SectionName}:{nameof(EndpointOptions.Port)}",
        ["env"] = $"{NodeOptions.SectionName}:{nameof(NodeOptions.Environment)}",
        ["sessions"] = $"{Identity.SessionOptions.SectionName}:{nameof(Identity.SessionOptions.Mode)}",
    };

    /// <summary>Adds the arguments as the last word on every setting they name.</summary>
    public static IConfigurationBuilder AddDirectArguments(this IConfigurationBuilder configuration, IReadOnlyList<string> args) =>
        configuration.AddInMemoryCollection(Pairs(args)
            .Where(pair => Words.ContainsKey(pair.Key))
            .Select(pair => KeyValuePair.Create(Words[pair.Key], (string?)pair.Value)));

    /// <summary>Arguments that mean nothing here: bare words nobody knows, and whatever is no <c>key=value</c>.</summary>
    public static IEnumerable<string> Unknown(IReadOnlyList<string> args) => args.Where(argument =>
        Pair(argument) is not { } pair || (!pair.Key.Contains(':', StringComparison.Ordinal) && !Words.ContainsKey(pair.Key) && !IsDotNetOption(argument)));

    /// <summary>The words there are.</summary>
    public static IEnumerable<string> Known => Words.Keys;

    // --urls=… and the like belong to the host.
    private static bool IsDotNetOption(string argument) => argument.StartsWith("--", StringComparison.Ordinal);

    private static IEnumerable<KeyValuePair<string, string>> Pairs(IReadOnlyList<string> args) =>
        args.Select(Pair).Where(pair => pair is not null).Select(pair => pair!.Value);

    private static KeyValuePair<string, string>? Pair(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals <= 0 ? null : KeyValuePair.Create(argument[..equals].TrimStart('-'), argument[(equals + 1)..]);
    }
}
