using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Direct.Edge.BackendApi;

namespace Direct.Edge.Signals;

/// <summary>
/// Reads the JSON array form: <c>[{"part":"1,2,0","message":"text","id":"…"}, …]</c>. If any signal in it is wrong, the whole array is refused.
/// </summary>
internal static class SignalBatchReader
{
    public static Problem? TryRead(ReadOnlyMemory<byte> json, SignalOptions options, out List<SignalRequest> requests)
    {
        requests = [];
        if (json.Span.StartsWith(Encoding.UTF8.Preamble)) // a byte order mark, which the parser does not accept
        {
            json = json[Encoding.UTF8.Preamble.Length..];
        }

        if (!Utf8.IsValid(json.Span)) // the parser would report the same error as for an escape that holds half of a character
        {
            return Problem.BadRequest("The body, which is JSON, is not valid UTF-8.");
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind is not JsonValueKind.Array)
            {
                return Problem.BadRequest("The body is not a JSON array: expected [{\"part\":\"group,channel,user\",\"message\":\"text\",\"id\":\"…\"}, …].");
            }

            var count = document.RootElement.GetArrayLength();
            if (count > options.MaxBatch)
            {
                return Problem.TooLarge($"The array has {count} signals; at most {options.MaxBatch} are accepted (Direct:Signals:MaxBatch).");
            }

            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (TryReadItem(item, options, out var request) is { } problem)
                {
                    return problem with { Detail = $"Signal {requests.Count} of the array: {problem.Detail}" };
                }

                requests.Add(request!);
            }

            return null;
        }
        catch (InvalidOperationException)
        {
            return Problem.BadRequest(
                $"Signal {requests.Count} of the array has a name that is not valid Unicode: it holds half of a surrogate pair.");
        }
        catch (JsonException exception)
        {
            return Problem.BadRequest($"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
    }

    private static Problem? TryReadItem(JsonElement item, SignalOptions options, out SignalRequest? request)
    {
        request = null;
        if (item.ValueKind is not JsonValueKind.Object)
        {
            return Problem.BadRequest("expected an object with 'part', 'message' and optionally 'id'.");
        }

        if (TryGetText(item, "part", out var part) is { } partProblem)
        {
            return partProblem;
        }

        if (TryGetText(item, "message", out var message) is { } messageProblem)
        {
            return messageProblem;
        }

        if (TryGetText(item, "id", out var id) is { } idProblem)
        {
            return idProblem;
        }

        ReadOnlyMemory<byte>? utf8 = message is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(message);
        return SignalRequest.TryCreate(part, utf8, id, options, out request);
    }

    private static Problem? TryGetText(JsonElement item, string name, out string? text)
    {
        text = null;
        if (!item.TryGetProperty(name, out var value))
        {
            return null;
        }

        if (value.ValueKind is not JsonValueKind.String)
        {
            return Problem.BadRequest($"'{name}' must be a string.");
        }

        try
        {
            text = value.GetString();
            return null;
        }
        catch (InvalidOperationException)
        {
            return Problem.BadRequest($"'{name}' is not valid Unicode: it holds half of a surrogate pair.");
        }
    }
}
