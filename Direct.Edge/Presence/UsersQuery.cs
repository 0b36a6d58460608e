using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Edge.Presence;

/// <summary>Represents a valid query of a backend about who is connected.</summary>
/// <param name="Target">The connections that the query is about.</param>
/// <param name="After">The end of the previous page, or null.</param>
/// <param name="Limit">The largest number of rows.</param>
/// <param name="WithInfo">Whether names are requested.</param>
/// <param name="IsCount">Whether only counts are requested.</param>
internal sealed record UsersQuery(Target Target, UserRowKey? After, int Limit, bool WithInfo, bool IsCount)
{
    public const int MaxLimit = 1_000;

    private const int DefaultLimit = 100;

    private static readonly string[] Names = ["part", "after", "limit", "info", "count"];

    /// <returns>The problem, or null.</returns>
    public static Problem? TryParse(string query, out UsersQuery? parsed)
    {
        parsed = null;
        bool withInfo = false, isCount = false;
        UserRowKey? after = null;
        var limit = DefaultLimit;
        var target = default(Target);
        var problem = QueryParameters.TryParse(query, Names, out var parameters)
            ?? PartParameter.TryParse(parameters.Text("part"), out target)
            ?? TryParseAfter(parameters.Text("after"), out after)
            ?? TryParseLimit(parameters.Text("limit"), out limit)
            ?? parameters.TryReadSwitch("info", out withInfo)
            ?? parameters.TryReadSwitch("count", out isCount)
            ?? (withInfo && isCount ? Problem.BadRequest("'info' and 'count' are both 1: a count has no names.") : null);
        parsed = problem is null ? new UsersQuery(target, after, limit, withInfo, isCount) : null;
        return problem;
    }

    private static Problem? TryParseAfter(string? text, out UserRowKey? after)
    {
        after = null;
        if (text is null)
        {
            return null;
        }

        if (!Target.TryParse(text, out var place))
        {
            return Problem.BadRequest($"'after' is '{Problem.Shorten(text)}': expected group,channel,user, the value of 'next' in the previous page.");
        }

        after = new UserRowKey(place.User, place.Group, place.Channel);
        return null;
    }

    private static Problem? TryParseLimit(string? text, out int limit)
    {
        limit = DefaultLimit;
        return text is null || (QueryParameters.TryReadNumber(text, out limit) && limit is >= 1 and <= MaxLimit)
            ? null
            : Problem.BadRequest($"'limit' is '{Problem.Shorten(text)}': expected a number from 1 to {MaxLimit}.");
    }
}
