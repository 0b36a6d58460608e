namespace Direct.Edge.BackendApi;

/// <summary>Describes why a request was refused (RFC 9457).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The kind of problem: the same text for every occurrence.</param>
/// <param name="Detail">What was wrong with this request, and what was expected.</param>
/// <param name="RetryAfterSeconds">The time after which the same request may succeed; null if it never will.</param>
internal sealed record Problem(int Status, string Title, string Detail, int? RetryAfterSeconds = null)
{
    public static Problem BadRequest(string detail) => new(400, "The request is not understood", detail);

    public static Problem TooLarge(string detail) => new(413, "The request is too large", detail);

    public static Problem Unauthorized(string detail) => new(401, "A key is needed", detail);

    public static Problem Forbidden(string detail) => new(403, "Not allowed", detail);

    public static Problem TooManyFailures(string detail, int retryAfterSeconds) =>
        new(429, "Too many failed attempts", detail, retryAfterSeconds);

    public static Problem Conflict(string detail) => new(409, "The id was used for something else", detail);

    public static Problem NoRoomForId(string detail) => new(503, "No room for the id", detail, RetryAfterSeconds: 1);

    public static Problem Unavailable(string detail) => new(503, "Not placed", detail, RetryAfterSeconds: 1);

    public static Problem NotAnswered(string detail) => new(503, "Not answered", detail, RetryAfterSeconds: 1);

    /// <summary>Shortens a caller's text so that it can be repeated in an answer.</summary>
    public static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
