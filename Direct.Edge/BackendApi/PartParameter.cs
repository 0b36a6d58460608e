using Direct.Edge.Topics;

namespace Direct.Edge.BackendApi;

/// <summary>Reads the parameter <c>part</c>, the target of a call.</summary>
internal static class PartParameter
{
    /// <summary>Checks <c>group,channel,user</c>.</summary>
    /// <returns>The problem, or null.</returns>
    public static Problem? TryParse(string? part, out Target target)
    {
        target = default;
        return part is null
            ? Problem.BadRequest("'part' is missing: expected part=group,channel,user, three 64-bit numbers of which 0 means any.")
            : Target.TryParse(part, out target)
                ? null
                : Problem.BadRequest(
                    $"'part' is '{Problem.Shorten(part)}': expected group,channel,user, three 64-bit numbers of which 0 means any.");
    }
}
