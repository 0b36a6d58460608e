using System.Text;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.BackendApi;

/// <summary>Represents the key that a request gives, correct or not.</summary>
/// <param name="Count">
/// The number of keys that the request gives. Only a single one counts: with two, it would be unclear which one was accepted.
/// </param>
/// <param name="Bytes">The key; empty if it cannot be one of the node's keys.</param>
internal readonly record struct CallerKey(int Count, byte[] Bytes)
{
    private const string Scheme = "Bearer";

    /// <summary>
    /// Reads <c>Authorization: Bearer …</c> and <c>key=…</c> of the query string. Other schemes are ignored, because they may be meant for a proxy.
    /// </summary>
    public static CallerKey Read(HttpRequest request)
    {
        var key = default(CallerKey);
        foreach (var value in request.Headers.Authorization)
        {
            if (value is not null && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                && (value.Length == Scheme.Length || value[Scheme.Length] == ' '))
            {
                key = new CallerKey(key.Count + 1, Encoding.UTF8.GetBytes(value[Scheme.Length..].Trim(' ')));
            }
        }

        var query = (request.QueryString.Value ?? "").AsSpan().TrimStart('?');
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            if (pair.StartsWith("key=", StringComparison.Ordinal))
            {
                key = new CallerKey(key.Count + 1, Decode(pair["key=".Length..]));
            }
        }

        return key;
    }

    // A key takes at most three characters a byte; the request line has room for far more, which is not decoded.
    private static byte[] Decode(ReadOnlySpan<char> value) =>
        value.Length <= 3 * SignalKeys.MaxCharacters && PercentText.TryDecode(value, out var bytes) ? bytes : [];
}
