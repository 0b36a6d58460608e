using Direct.Edge.BackendApi;

namespace Direct.Edge.Presence;

/// <summary>The parameters of a request for the figures of the cluster.</summary>
internal static class ClusterRequest
{
    public const int MaxTopics = 100;

    private const int DefaultTopics = 10;

    private static readonly string[] Names = ["topics"];

    /// <returns>The problem, or null.</returns>
    public static Problem? TryParse(string query, out int topics)
    {
        topics = DefaultTopics;
        return QueryParameters.TryParse(query, Names, out var parameters) ?? TryParseTopics(parameters.Text("topics"), out topics);
    }

    private static Problem? TryParseTopics(string? text, out int topics)
    {
        topics = DefaultTopics;
        return text is null || (QueryParameters.TryReadNumber(text, out topics) && topics is >= 0 and <= MaxTopics)
            ? null
            : Problem.BadRequest($"'topics' is '{Problem.Shorten(text)}': expected a number from 0 to {MaxTopics}.");
    }
}
