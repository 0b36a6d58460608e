using Direct.Edge.BackendApi;

namespace Direct.Edge.Signals;

/// <summary>Represents the parameters of a signal request's query string and form, strictly decoded. A missing parameter is null.</summary>
/// <param name="Part">The parameter as it was sent.</param>
/// <param name="Id">The parameter as it was sent.</param>
/// <param name="Message">The message in UTF-8.</param>
/// <param name="IsExplain">Whether nothing is sent, and the answer names who would receive the signal.</param>
internal sealed record SignalQuery(string? Part, string? Id, byte[]? Message, bool IsExplain = false)
{
    private static readonly string[] Names = ["part", "id", "message", "explain"];

    /// <summary>Parses a query string and a form; see <see cref="QueryParameters"/>.</summary>
    /// <returns>The problem, or null.</returns>
    public static Problem? TryParse(string query, out SignalQuery parsed, string form = "")
    {
        parsed = new SignalQuery(null, null, null);
        if (QueryParameters.TryParse(query, Names, out var parameters, form) is { } malformed)
        {
            return malformed;
        }

        if (parameters.TryReadSwitch("explain", out var isExplain) is { } wrong)
        {
            return wrong;
        }

        parsed = new SignalQuery(parameters.Text("part"), parameters.Text("id"), parameters.Bytes("message"), isExplain);
        return null;
    }
}
