using Direct.Edge.BackendApi;
using Direct.Edge.Topics;

namespace Direct.Edge.LiveView;

/// <summary>A checked request to watch connections.</summary>
/// <param name="Target">The connections.</param>
/// <param name="Duration">For how long.</param>
/// <param name="WithMessages">Whether delivered messages are to be shown.</param>
internal sealed record WatchQuery(Target Target, TimeSpan Duration, bool WithMessages)
{
    public const int MaxSeconds = 600;

    private const int DefaultSeconds = 60;

    private static readonly string[] Names = ["part", "seconds", "messages"];

    /// <returns>The problem, or null.</returns>
    public static Problem? TryParse(string query, out WatchQuery? parsed)
    {
        parsed = null;
        var target = default(Target);
        var seconds = DefaultSeconds;
        var withMessages = false;
        var problem = QueryParameters.TryParse(query, Names, out var parameters)
            ?? PartParameter.TryParse(parameters.Text("part"), out target)
            ?? TryParseSeconds(parameters.Text("seconds"), out seconds)
            ?? parameters.TryReadSwitch("messages", out withMessages);
        parsed = problem is null ? new WatchQuery(target, TimeSpan.FromSeconds(seconds), withMessages) : null;
        return problem;
    }

    private static Problem? TryParseSeconds(string? text, out int seconds)
    {
        seconds = DefaultSeconds;
        return text is null || (QueryParameters.TryReadNumber(text, out seconds) && seconds is >= 1 and <= MaxSeconds)
            ? null
            : Problem.BadRequest($"'seconds' is '{Problem.Shorten(text)}': expected a number from 1 to {MaxSeconds}.");
    }
}
