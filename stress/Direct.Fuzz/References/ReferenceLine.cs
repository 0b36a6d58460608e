using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Direct.Fuzz.References;

/// <summary>Reads one line of docs/protocol2.md with regular expressions. A character is a byte.</summary>
/// <param name="Verb">The word of a command, or a dash.</param>
/// <param name="IsValid">Whether the words after the verb are as they must be; those of a <c>since</c> are only separated.</param>
internal sealed partial record ReferenceLine(string Verb, bool IsValid)
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public string Token { get; private init; } = "";

    public string Part { get; private init; } = "";

    public string Position { get; private init; } = "";

    public (long Group, long Channel) Room { get; private init; }

    public string Id { get; private init; } = "";

    public string Reference { get; private init; } = "";

    /// <summary>Gets the start of the error with which a gateway answers, without its text.</summary>
    public string Error(int code) =>
        FormattableString.Invariant($"error {(Reference.Length > 0 ? $"#{Reference}" : "-")} {code} {Verb} {Room.Group},{Room.Channel}");

    public static ReferenceLine Parse(string line)
    {
        if (Auth().Match(line) is { Success: true } auth)
        {
            return new ReferenceLine("auth", true) { Token = auth.Groups[1].Value };
        }

        if (Since().Match(line) is { Success: true } since)
        {
            return new ReferenceLine("since", true) { Part = since.Groups[1].Value, Position = since.Groups[2].Value };
        }

        var match = OfRoom().Match(line);
        var (verb, id) = (match.Groups[1].Value, match.Groups[4].Value);
        if ((verb == "say" || id.Length == 0) && Number(match.Groups[2].Value) is { } group && Number(match.Groups[3].Value) is { } channel)
        {
            return new ReferenceLine(verb, true) { Room = (group, channel), Id = id, Reference = match.Groups[5].Value };
        }

        var known = Known().Match(line);
        return new ReferenceLine(known.Success ? known.Groups[1].Value : "-", false) { Reference = LastWord().Match(line).Groups[1].Value };
    }

    /// <summary>Returns the numbers of a part that names a topic; otherwise null.</summary>
    public static (long Group, long Channel, long User)? ParsePart(string part)
    {
        var match = OfTopic().Match(part);
        return match.Success
            && Number(match.Groups[1].Value) is { } group && Number(match.Groups[2].Value) is { } channel && Number(match.Groups[3].Value) is { } user
            && (user == 0 || (group, channel) == (0, 0))
            ? (group, channel, user)
            : null;
    }

    /// <summary>Returns whether a text may be a position.</summary>
    public static bool MayBePosition(string text) => VisibleText().IsMatch(text);

    /// <summary>Returns the epoch and the offset of a position that a gateway may have written; otherwise null.</summary>
    public static (long Epoch, long Offset)? ParsePosition(string text)
    {
        var match = Written().Match(text);
        var epoch = match.Groups[1].Value.Aggregate(BigInteger.Zero, static (epoch, digit) => (epoch * 62) + Digits.IndexOf(digit, StringComparison.Ordinal));
        return match.Success && epoch > 0 && epoch <= long.MaxValue && Number(match.Groups[2].Value) is { } offset ? ((long)epoch, offset) : null;
    }

    private static long? Number(string text) =>
        BigInteger.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= long.MinValue && number <= long.MaxValue ? (long)number : null;

    [GeneratedRegex(@"\Aauth(?: ([^\n]*))?\z")]
    private static partial Regex Auth();

    [GeneratedRegex(@"\Asince ([^ ]*) ([^\n]*)\z")]
    private static partial Regex Since();

    [GeneratedRegex(@"\A(join|leave|say) (0|-?[1-9][0-9]*),(0|-?[1-9][0-9]*)(?: id=([!-~]{1,64}))?(?: #([0-9A-Za-z]{1,16}))?\z")]
    private static partial Regex OfRoom();

    [GeneratedRegex(@"\A(since|join|leave|say)(?: [^\n]*)?\z")]
    private static partial Regex Known();

    // A ref is echoed also if the rest of the line cannot be read.
    [GeneratedRegex(@"\A(?:join|leave|say) [^\n]* #([0-9A-Za-z]{1,16})\z")]
    private static partial Regex LastWord();

    [GeneratedRegex(@"\A(0|-?[1-9][0-9]*),(0|-?[1-9][0-9]*),(0|-?[1-9][0-9]*)\z")]
    private static partial Regex OfTopic();

    [GeneratedRegex(@"\A([0-9A-Za-z]{11})\.(0|[1-9][0-9]*)\z")]
    private static partial Regex Written();

    [GeneratedRegex(@"\A[!-~]{1,40}\z")]
    private static partial Regex VisibleText();
}
