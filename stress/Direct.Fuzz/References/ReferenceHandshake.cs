using System.Text;
using System.Text.RegularExpressions;

namespace Direct.Fuzz.References;

/// <summary>Decides which heads a loop accepts: those that Kestrel's own parser reads, and of them the usual ones, by regular expressions.</summary>
internal static partial class ReferenceHandshake
{
    private const int MaxHeadBytes = 16 * 1024;
    private const int MaxLineBytes = 4 * 1024;
    private const int MaxHeaders = 100;

    private static readonly string[] Forbidden = ["Content-Length", "Transfer-Encoding", "Expect"];

    /// <summary>Returns the head at the start of <paramref name="input"/> as Kestrel reads it, if a loop accepts it; otherwise null.</summary>
    public static KestrelHead? TryTake(ReadOnlySpan<byte> input)
    {
        var text = Encoding.Latin1.GetString(input);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (end is 3 or > MaxHeadBytes || !IsUsual(text[..(end - 4)].Split("\r\n")))
        {
            return null;
        }

        var head = KestrelHead.TryRead(input);
        return head is { Headers.Count: <= MaxHeaders } && head.Length == end && IsUsual(head) ? head : null;
    }

    // Lines that contain only visible ASCII, spaces, and tabs around values. A single CR or LF is in none of them.
    private static bool IsUsual(string[] lines) =>
        lines[0].Length <= MaxLineBytes && RequestLine().IsMatch(lines[0]) && lines.Skip(1).All(static line =>
            line.Split(':', 2) is [var name, var value] && Name().IsMatch(name) && value.Trim(' ', '\t').All(static each => each is >= ' ' and <= '~'));

    private static bool IsUsual(KestrelHead head) =>
        head.Values("Host") is [var host] && Host().IsMatch(host)
        && head.Values("Upgrade") is [var upgrade] && upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase)
        && head.Values("Connection") is [var connection] && ConnectionOptions().IsMatch(connection)
        && head.Values("Sec-WebSocket-Version") is ["13"]
        && head.Values("Sec-WebSocket-Key") is [var key] && WebSocketKey().IsMatch(key)
        && head.Values("Origin").Length <= 1
        && !Forbidden.Any(name => head.Values(name).Length > 0);

    [GeneratedRegex(@"\AGET /(!|%21)direct(\?[!-""$-~]*)? HTTP/1\.1\z")]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A(\[[0-9A-Fa-f:.]{3,}\]|[0-9A-Za-z._-]+)(:[0-9]{1,5})?\z")]
    private static partial Regex Host();

    [GeneratedRegex(@"\A([ \t]*keep-alive[ \t]*,)*[ \t]*upgrade[ \t]*(,[ \t]*keep-alive[ \t]*)*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ConnectionOptions();

    [GeneratedRegex(@"\A[0-9A-Za-z+/]{22}==\z")]
    private static partial Regex WebSocketKey();
}
