using System.Text;
using System.Text.Unicode;
using Direct.Edge.BackendApi;
using Direct.Edge.Presence;
using Direct.Edge.Signals;
using Direct.Fuzz.References;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Direct.Fuzz.Targets;

/// <summary>
/// Tests the parameters of a backend's call: <see cref="QueryParameters"/>, and the code that reads them. The input is a query string and, after the
/// first line break, a form.
/// </summary>
internal sealed class QueryTarget : IFuzzTarget
{
    private static readonly SignalOptions Signals = new() { MaxMessageBytes = 100 };

    public string Name => "query";

    public void Run(ReadOnlySpan<byte> input, int maxCuts)
    {
        var lineEnd = input.IndexOf((byte)'\n');
        var query = lineEnd < 0 ? input : input[..lineEnd];
        var form = lineEnd < 0 ? [] : input[(lineEnd + 1)..];
        if (!Utf8.IsValid(query) || !Utf8.IsValid(form))
        {
            return; // refused before
        }

        Run(Encoding.UTF8.GetString(query), Encoding.UTF8.GetString(form));
    }

    private static void Run(string query, string form)
    {
        var reference = new ReferenceParameters(query, form);
        CheckSignal(reference, query, form);
        CheckClose(reference, query, form);
        CheckUsers(new ReferenceParameters(query, ""), query);
        CheckKey(query);
    }

    private static void CheckSignal(ReferenceParameters reference, string query, string form)
    {
        var problem = SignalQuery.TryParse(query, out var parsed, form);
        var isWrong = reference.AreWrong("part", "id", "message", "explain") || reference.Text("explain") is not (null or "0" or "1");
        CheckProblem(isWrong, problem, "the parameters");
        if (isWrong)
        {
            return;
        }

        var message = parsed.Message is null ? null : Encoding.UTF8.GetString(parsed.Message);
        Check.Equal(
            (reference.Text("part"), reference.Text("id"), reference.Text("message"), reference.Text("explain") == "1"),
            (parsed.Part, parsed.Id, message, parsed.IsExplain),
            "the parameters");
        CheckFramework(query, form, ("part", parsed.Part), ("id", parsed.Id), ("message", message));

        var target = ReferenceParameters.ParseTarget(parsed.Part);
        var isLegalId = parsed.Id is null || (parsed.Id.Length is >= 1 and <= 128 && parsed.Id.All(static each => each is > ' ' and < '\u007F'));
        ReadOnlyMemory<byte>? bytes = parsed.Message is null ? default(ReadOnlyMemory<byte>?) : parsed.Message;
        var wrong = SignalRequest.TryCreate(parsed.Part, bytes, parsed.Id, Signals, out var request);
        CheckProblem(target is null || message is null || bytes!.Value.Length > 100 || !isLegalId, wrong, "the signal");
        if (request is not null)
        {
            Check.Equal((target!.Value, parsed.Id is not null), (request.Target, request.IsOwnId), "the signal");
            Check.That(request.IsOwnId ? request.Id == parsed.Id : request.Id.Length == 32, $"the id is {request.Id}");
        }
    }

    private static void CheckClose(ReferenceParameters reference, string query, string form)
    {
        var problem = CloseQuery.TryParse(query, out var parsed, form);
        var target = ReferenceParameters.ParseTarget(reference.AreWrong("part", "code", "reason") ? null : reference.Text("part"));
        var isWrong = target is null
            || (reference.Text("code") is { } code && !ReferenceParameters.IsNumber(code, 4000, 4999))
            || Encoding.UTF8.GetByteCount(reference.Text("reason") ?? "") > 123;
        CheckProblem(isWrong, problem, "what to close");
        if (parsed is not null)
        {
            Check.Equal((target!.Value, reference.Text("reason") ?? ""), (parsed.Target, parsed.Reason), "what to close");
        }
    }

    private static void CheckUsers(ReferenceParameters reference, string query)
    {
        var problem = UsersQuery.TryParse(query, out var parsed);
        var names = new[] { "part", "after", "limit", "info", "count" };
        var target = ReferenceParameters.ParseTarget(reference.AreWrong(names) ? null : reference.Text("part"));
        var isWrong = target is null
            || (reference.Text("after") is { } after && ReferenceParameters.ParseTarget(after) is null)
            || (reference.Text("limit") is { } limit && !ReferenceParameters.IsNumber(limit, 1, 1000))
            || reference.Text("info") is not (null or "0" or "1")
            || reference.Text("count") is not (null or "0" or "1")
            || (reference.Text("info") == "1" && reference.Text("count") == "1");
        CheckProblem(isWrong, problem, "the query");
        if (parsed is not null)
        {
            Check.Equal(target!.Value, parsed.Target, "the query");
        }
    }

    // A parameter that occurs twice is ignored; one that is too long or invalid is not decoded.
    private static void CheckKey(string query)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = query.Length > 0 ? new QueryString("?" + query.TrimStart('?')) : default;
        var key = CallerKey.Read(request);
        var pairs = query.TrimStart('?').Split('&').Where(static pair => pair.StartsWith("key=", StringComparison.Ordinal)).ToArray();
        Check.Equal(pairs.Length, key.Count, "how often the key is there");
        if (pairs is [{ Length: <= 1000 } pair] && !new ReferenceParameters(pair, "").AreWrong("key"))
        {
            Check.Equal(new ReferenceParameters(pair, "").Text("key"), Encoding.UTF8.GetString(key.Bytes), "the key");
        }
    }

    // The framework's own reader accepts a pair without '=' as one with an empty value, so these are left out; it also accepts invalid escapes.
    private static void CheckFramework(string query, string form, params (string Name, string? Value)[] parameters)
    {
        var pairs = query.TrimStart('?').Split('&').Concat(form.Split('&')).Where(static pair => pair.Contains('=', StringComparison.Ordinal));
        var values = new Dictionary<string, string>();
        foreach (var pair in new QueryStringEnumerable("?" + string.Join('&', pairs)))
        {
            values.TryAdd(pair.EncodedName.ToString(), pair.DecodeValue().ToString());
        }

        foreach (var (name, value) in parameters)
        {
            Check.Equal(values.GetValueOrDefault(name), value, $"'{name}' as the framework reads it");
        }
    }

    private static void CheckProblem(bool isExpected, Problem? problem, string what) => Check.That(
        isExpected == problem is { Status: 400 or 413 }, $"{what} should be {(isExpected ? "refused" : "taken")}: {problem?.Detail ?? "taken"}");
}
