using System.Text;
using System.Text.Unicode;

namespace Direct.Edge.Signals;

/// <summary>The parameters of a signal request's query string, strictly decoded. A null one was not there.</summary>
/// <param name="Part">As given.</param>
/// <param name="Id">As given.</param>
/// <param name="Message">In UTF-8.</param>
internal sealed record SignalQuery(string? Part, string? Id, byte[]? Message)
{
    /// <summary>
    /// Parses a query string as it stands on the request line. <c>+</c> is a space; of a parameter that is there twice the first
    /// counts; unknown ones are ignored.
    /// </summary>
    /// <returns>What is wrong, or null.</returns>
    public static Problem? TryParse(string query, out SignalQuery parsed)
    {
        byte[]? part = null, id = null, message = null;
        parsed = new SignalQuery(null, null, null);
        var text = query.AsSpan().TrimStart('?');
        foreach (var range in text.Split('&'))
        {
            var pair = text[range];
            var equals = pair.IndexOf('=');
            if (equals < 0)
            {
                continue;
            }

            var value = pair[(equals + 1)..];
            var problem = pair[..equals] switch
            {
                "part" => TryTake("part", value, ref part),
                "id" => TryTake("id", value, ref id),
                "message" => TryTake("message", value, ref message),
                _ => null,
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        parsed = new SignalQuery(ToText(part), ToText(id), message);
        return null;
    }

    private static string? ToText(byte[]? utf8) => utf8 is null ? null : Encoding.UTF8.GetString(utf8);

    private static Problem? TryTake(string name, ReadOnlySpan<char> value, ref byte[]? taken)
    {
        if (taken is not null)
        {
            return null;
        }

        if (!PercentText.TryDecode(value, out var bytes))
        {
            return Problem.BadRequest($"'{name}' is badly escaped: '%' must be followed by two hexadecimal digits.");
        }

        if (!Utf8.IsValid(bytes))
        {
            return Problem.BadRequest($"'{name}' is not valid UTF-8 once its escapes are decoded.");
        }

        taken = bytes;
        return null;
    }
}
