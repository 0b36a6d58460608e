using System.Text;

namespace Direct.Node.Tests.Transports;

/// <summary>What a client sends before it listens: pieces, with pauses between, and perhaps the end of its stream.</summary>
public sealed record Script(params Script.Piece[] Pieces)
{
    /// <summary>Gets whether the client closes its sending side afterwards.</summary>
    public bool HalfCloses { get; init; }

    /// <summary>
    /// After what pause. Of what comes at once with the end, Kestrel takes some and some not, depending on when it began to read.
    /// </summary>
    public int EndPauseMs { get; init; } = 150;

    /// <summary>Gets whether it ends inside a head.</summary>
    public bool IsCutShort { get; init; }

    /// <summary>Gets whether there are frames in it, the first of which is a token.</summary>
    public bool HasToken { get; init; }

    /// <summary>Gets a text among them that comes back, and is waited for: between that of one room and that of the next there is no order.</summary>
    public string? Echo { get; init; }

    /// <summary>Gets whether an answer would be to a HEAD, and have no body.</summary>
    public bool IsHeadRequest => Pieces is [{ Bytes: [(byte)'H', (byte)'E', (byte)'A', (byte)'D', (byte)' ', ..] }, ..];

    /// <summary>Returns all in one piece. Every character is a byte.</summary>
    public static Script Of(string text, params byte[][] behind) =>
        new(new Piece([.. Encoding.Latin1.GetBytes(text), .. behind.SelectMany(bytes => bytes)]));

    /// <summary>In two, with a pause between.</summary>
    public static Script Cut(byte[] bytes, int at, int pauseMs) => new(new Piece(bytes[..at]), new Piece(bytes[at..], pauseMs));

    public override string ToString()
    {
        var text = string.Join("<pause>", Pieces.Select(piece => Encoding.Latin1.GetString(piece.Bytes)));
        var shown = text.Length <= 1_500 ? text : $"{text[..700]} … {text.Length - 1_400} more … {text[^700..]}";
        shown = shown.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal);
        return HalfCloses ? shown + "<end>" : shown;
    }

    /// <summary>Some bytes, after a pause.</summary>
    public sealed record Piece(byte[] Bytes, int PauseMs = 0);
}
