using System.Text;

namespace Direct.Node.Tests.Transports;

/// <summary>Represents what a client sends before it reads: pieces, with pauses between them, and optionally the end of its stream.</summary>
public sealed record Script(params Script.Piece[] Pieces)
{
    /// <summary>Gets whether the client closes its sending side afterwards.</summary>
    public bool HalfCloses { get; init; }

    /// <summary>
    /// Gets the pause before the end of the stream. When the end arrives with the last bytes, Kestrel handles some of them and some not, depending on
    /// when it began to read.
    /// </summary>
    public int EndPauseMs { get; init; } = 150;

    /// <summary>Gets whether the script ends inside a head.</summary>
    public bool IsCutShort { get; init; }

    /// <summary>Gets whether the script contains frames, the first of which is a token.</summary>
    public bool HasToken { get; init; }

    /// <summary>Gets the text of a broadcast that returns to the client and is awaited: the order of broadcasts in two rooms is not guaranteed.</summary>
    public string? Echo { get; init; }

    /// <summary>Gets whether the request is a HEAD request, whose response has no body.</summary>
    public bool IsHeadRequest => Pieces is [{ Bytes: [(byte)'H', (byte)'E', (byte)'A', (byte)'D', (byte)' ', ..] }, ..];

    /// <summary>Returns a script with everything in one piece. Every character of the text is one byte.</summary>
    public static Script Of(string text, params byte[][] behind) =>
        new(new Piece([.. Encoding.Latin1.GetBytes(text), .. behind.SelectMany(bytes => bytes)]));

    /// <summary>Returns a script with two pieces and a pause between them.</summary>
    public static Script Cut(byte[] bytes, int at, int pauseMs) => new(new Piece(bytes[..at]), new Piece(bytes[at..], pauseMs));

    public override string ToString()
    {
        var text = string.Join("<pause>", Pieces.Select(piece => Encoding.Latin1.GetString(piece.Bytes)));
        var shown = text.Length <= 1_500 ? text : $"{text[..700]} … {text.Length - 1_400} more … {text[^700..]}";
        shown = shown.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal);
        return HalfCloses ? shown + "<end>" : shown;
    }

    /// <summary>Represents bytes to send after a pause.</summary>
    public sealed record Piece(byte[] Bytes, int PauseMs = 0);
}
