using Direct.Edge.BackendApi;
using Direct.Edge.Topics;

namespace Direct.Edge.Signals;

/// <summary>Represents a valid signal of a backend.</summary>
/// <param name="Target">The connections that the signal is for.</param>
/// <param name="Message">The message in UTF-8, within the size limit.</param>
/// <param name="Id">The backend's id, or a generated one.</param>
/// <param name="IsOwnId">Whether the id is the backend's, so that a repeat must be recognised.</param>
internal sealed record SignalRequest(Target Target, ReadOnlyMemory<byte> Message, string Id, bool IsOwnId)
{
    private const int MaxIdCharacters = 128;

    /// <summary>Checks the parts of a signal, from any form of request.</summary>
    /// <param name="part"><c>group,channel,user</c>.</param>
    /// <param name="message">UTF-8.</param>
    /// <param name="id">1 to 128 visible ASCII characters, or null.</param>
    /// <param name="options">The limits.</param>
    /// <param name="request">The signal, if there is no problem.</param>
    /// <returns>The problem, or null.</returns>
    public static Problem? TryCreate(string? part, ReadOnlyMemory<byte>? message, string? id, SignalOptions options, out SignalRequest? request)
    {
        request = null;
        if (PartParameter.TryParse(part, out var target) is { } wrongPart)
        {
            return wrongPart;
        }

        if (message is null)
        {
            return Problem.BadRequest("'message' is missing: expected message=text, percent-encoded UTF-8; it may be empty.");
        }

        if (message.Value.Length > options.MaxMessageBytes)
        {
            return Problem.TooLarge($"'message' has {message.Value.Length} bytes; at most {options.MaxMessageBytes} are accepted (Direct:Signals:MaxMessageBytes).");
        }

        if (id is not null && !IsLegalId(id))
        {
            return Problem.BadRequest($"'id' is '{Problem.Shorten(id)}': expected 1 to {MaxIdCharacters} visible ASCII characters.");
        }

        request = new SignalRequest(target, message.Value, id ?? GeneratedId.Next(), id is not null);
        return null;
    }

    private static bool IsLegalId(string id) => id.Length is >= 1 and <= MaxIdCharacters && id.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;
}
