using Direct.Edge.BackendApi;

namespace Direct.Edge.Signals;

/// <summary>The parameters of a signal request's query string and form, strictly decoded. A null one was not there.</summary>
/// <param name="Part">As given.</param>
/// <param name="Id">As given.</param>
/// <param name="Message">In UTF-8.</param>
/// <param name="IsExplain">Whether nothing is to be sent, and the answer says who would receive it.</param>
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
