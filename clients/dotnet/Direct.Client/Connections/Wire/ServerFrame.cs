using System.Globalization;

namespace Direct.Client;

/// <summary>Represents a frame of direct.2 that a gateway sends.</summary>
internal abstract record ServerFrame
{
    public sealed record Welcome(long User) : ServerFrame;

    public sealed record Joined(DirectRoom Room, string? Ref) : ServerFrame;

    /// <param name="Room">The room.</param>
    /// <param name="Code">Why the gateway took the room away; null if the client left it.</param>
    /// <param name="Text">What the gateway says about it.</param>
    /// <param name="Ref">The ref of the <c>leave</c>.</param>
    public sealed record Left(DirectRoom Room, int? Code, string Text, string? Ref) : ServerFrame;

    public sealed record At(DirectPart Part, string Position) : ServerFrame;

    public sealed record Gap(DirectPart Part, string Position) : ServerFrame;

    public sealed record Message(DirectPart Part, string Position, string Text) : ServerFrame;

    public sealed record Ok(string Ref) : ServerFrame;

    public sealed record Error(string? Ref, int Code, string Text) : ServerFrame;

    /// <summary>Parses a frame. Returns null if it is of a kind that this version does not know; a client ignores those.</summary>
    public static ServerFrame? Parse(string frame)
    {
        var end = frame.IndexOf('\n', StringComparison.Ordinal);
        var words = (end < 0 ? frame : frame[..end]).Split(' ');
        return words switch
        {
            [var part, var position] when end >= 0 && DirectPart.TryParse(part, null, out var topic) => new Message(topic, position, frame[(end + 1)..]),
            ["at", var part, var position] when DirectPart.TryParse(part, null, out var topic) => new At(topic, position),
            ["gap", var part, var position] when DirectPart.TryParse(part, null, out var topic) => new Gap(topic, position),
            ["welcome", var user, ..] when Number.TryRead(user, out var id) => new Welcome(id),
            ["joined", var room, .. var rest] when DirectRoom.TryParse(room, null, out var joined) => new Joined(joined, RefIn(rest)),
            ["left", var room, .. var rest] when DirectRoom.TryParse(room, null, out var left) => ParseLeft(left, rest),
            ["ok", ['#', .. var reference]] => new Ok(reference),
            ["error", var reference, var code, _, _, .. var text] when TryReadCode(code, out var number) => new Error(RefIn([reference]), number, string.Join(' ', text)),
            _ => null,
        };
    }

    private static Left ParseLeft(DirectRoom room, string[] rest)
    {
        var reference = RefIn(rest);
        var reason = reference is null ? rest : rest[..^1];
        return reason is [var code, .. var text] && TryReadCode(code, out var number)
            ? new Left(room, number, string.Join(' ', text), reference)
            : new Left(room, null, "", reference);
    }

    private static string? RefIn(string[] words) => words is [.., ['#', .. var reference]] ? reference : null;

    private static bool TryReadCode(string word, out int code) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out code);
}
