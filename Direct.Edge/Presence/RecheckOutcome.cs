using System.Globalization;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;

namespace Direct.Edge.Presence;

/// <summary>What the gateways have answered to a recheck of rights.</summary>
internal sealed class RecheckOutcome(ClusterAnswer answer)
{
    /// <summary>The number of memberships that were looked up.</summary>
    public long Checked => answer.Responses.Sum(static named => named.Response.Recheck?.Checked ?? 0);

    /// <summary>How many of these have been removed.</summary>
    public long Removed => answer.Responses.Sum(static named => named.Response.Recheck?.Removed ?? 0);

    /// <summary>The number of gateways that have answered.</summary>
    public int Gateways => answer.Responses.Count;

    /// <summary>Returns a problem that names what is missing; null if every membership of every gateway was looked up.</summary>
    public Problem? Refusal(PresenceQueries queries)
    {
        if (answer.Status is QueryStatus.NotReady)
        {
            return queries.NotAnswered("Nothing was checked.");
        }

        if (answer.Status is QueryStatus.Lost)
        {
            return Problem.NotAnswered(
                "The gateways' answers were lost on their way, or no silo knows this call yet: what was checked is not known. Repeat it: it is harmless.");
        }

        string[] reasons =
        [
            .. Reason("No answer from", answer.Missing),
            .. Reason("Versions that do not know this call run on", GatewaysIn(null)),
            .. Reason("No rights are checked (Direct:Rights:Mode is open) by", GatewaysIn(RecheckState.NotChecked)),
            .. Reason("The source of rights did not answer for every membership on", GatewaysIn(RecheckState.Incomplete)),
            .. Reason($"After {RecheckQueries.Timeout.TotalSeconds:0} s memberships are still looked up by", GatewaysIn(RecheckState.Running)),
        ];
        return reasons.Length == 0
            ? null
            : Problem.NotAnswered(string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join("; ", reasons)}. {Checked} memberships were checked and {Removed} removed. Repeat it: it is harmless."));
    }

    private static IEnumerable<string> Reason(string text, IReadOnlyCollection<string> gateways) =>
        gateways.Count == 0 ? [] : [$"{text} {string.Join(", ", gateways)}"];

    private string[] GatewaysIn(RecheckState? state) =>
        [.. answer.Responses.Where(named => named.Response.Recheck?.State == state).Select(static named => named.Gateway)];
}
