using Direct.Edge.BackendApi;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;

namespace Direct.Edge.Presence;

/// <summary>Represents a valid request to close connections.</summary>
/// <param name="Target">The connections to close.</param>
/// <param name="Code">4000 to 4499 if clients may connect again, 4500 to 4999 if not.</param>
/// <param name="Reason">At most <see cref="MaxReasonBytes"/> of UTF-8.</param>
internal sealed record CloseQuery(Target Target, ushort Code, string Reason)
{
    /// <summary>Specifies the size of a close frame's payload without the code.</summary>
    public const int MaxReasonBytes = ClosePayload.MaxBytes - 2;

    private const ushort DefaultCode = 4500;

    private static readonly string[] Names = ["part", "code", "reason"];

    /// <returns>The problem, or null.</returns>
    public static Problem? TryParse(string query, out CloseQuery? parsed, string form = "")
    {
        parsed = null;
        var target = default(Target);
        var code = DefaultCode;
        var problem = QueryParameters.TryParse(query, Names, out var parameters, form)
            ?? PartParameter.TryParse(parameters.Text("part"), out target)
            ?? TryParseCode(parameters.Text("code"), out code)
            ?? (parameters.Bytes("reason") is { Length: > MaxReasonBytes and var bytes }
                ? Problem.BadRequest($"'reason' has {bytes} bytes of UTF-8: a close frame has room for {MaxReasonBytes}.")
                : null);
        parsed = problem is null ? new CloseQuery(target, code, parameters.Text("reason") ?? "") : null;
        return problem;
    }

    private static Problem? TryParseCode(string? text, out ushort code)
    {
        code = DefaultCode;
        if (text is null)
        {
            return null;
        }

        if (!QueryParameters.TryReadNumber(text, out var number) || number is < 4000 or > 4999)
        {
            return Problem.BadRequest(
                $"'code' is '{Problem.Shorten(text)}': expected 4000 to 4499, after which clients come back, or 4500 to 4999, after which they do not.");
        }

        code = (ushort)number;
        return null;
    }
}
