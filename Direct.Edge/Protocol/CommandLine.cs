namespace Direct.Edge.Protocol;

internal enum Verb : byte
{
    /// <summary>None that is known.</summary>
    None,

    /// <summary>Gives the token: <c>auth token</c>.</summary>
    Auth,

    /// <summary>Names the last position that was received in a topic: <c>since part position</c>.</summary>
    Since,

    /// <summary>Joins a room: <c>join g,c [#ref]</c>.</summary>
    Join,

    /// <summary>Leaves a room: <c>leave g,c [#ref]</c>.</summary>
    Leave,

    /// <summary>Says the text after the line in a room: <c>say g,c [id=id] [#ref]</c>.</summary>
    Say,
}

/// <summary>Represents one line that a client of <c>direct.2</c> sends. Its words are separated by single spaces.</summary>
internal readonly ref struct CommandLine
{
    /// <summary>Specifies the length of the longest ref.</summary>
    public const int MaxReferenceCharacters = 16;

    private const int MaxIdCharacters = 64;

    private CommandLine(Verb verb) => Verb = verb;

    public Verb Verb { get; private init; }

    /// <summary>Gets whether the words after the verb are as they must be. If not, all other members are empty, except the ref.</summary>
    public bool IsValid { get; private init; }

    /// <summary>Gets the word that <see cref="Verb"/> stands for; a dash if there is none.</summary>
    public ReadOnlySpan<byte> Word => Verb switch
    {
        Verb.Auth => "auth"u8,
        Verb.Since => "since"u8,
        Verb.Join => "join"u8,
        Verb.Leave => "leave"u8,
        Verb.Say => "say"u8,
        _ => "-"u8,
    };

    /// <summary>Gets the token, which may be empty and contain spaces.</summary>
    public ReadOnlySpan<byte> Token { get; private init; }

    /// <summary>Gets the part of a <c>since</c>, which has not been read.</summary>
    public ReadOnlySpan<byte> Part { get; private init; }

    /// <summary>Gets the position of a <c>since</c>, which has not been read.</summary>
    public ReadOnlySpan<byte> Position { get; private init; }

    public long Group { get; private init; }

    public long Channel { get; private init; }

    /// <summary>Gets the id of what is said, 1 to 64 visible ASCII characters; empty if there is none.</summary>
    public ReadOnlySpan<byte> Id { get; private init; }

    /// <summary>Gets the ref without its <c>#</c>, 1 to 16 ASCII letters or digits; empty if there is none.</summary>
    public ReadOnlySpan<byte> Reference { get; private init; }

    /// <summary>Parses one line, without the line feed at its end.</summary>
    public static CommandLine Parse(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        var word = space < 0 ? line : line[..space];
        var rest = space < 0 ? default : line[(space + 1)..];
        return word switch
        {
            [(byte)'a', (byte)'u', (byte)'t', (byte)'h'] => new CommandLine(Verb.Auth) { IsValid = true, Token = rest },
            [(byte)'s', (byte)'i', (byte)'n', (byte)'c', (byte)'e'] => ParseSince(rest),
            [(byte)'j', (byte)'o', (byte)'i', (byte)'n'] => ParseRoom(Verb.Join, rest),
            [(byte)'l', (byte)'e', (byte)'a', (byte)'v', (byte)'e'] => ParseRoom(Verb.Leave, rest),
            [(byte)'s', (byte)'a', (byte)'y'] => ParseRoom(Verb.Say, rest),
            _ => default,
        };
    }

    private static CommandLine ParseSince(ReadOnlySpan<byte> rest)
    {
        var space = rest.IndexOf((byte)' ');
        return space < 0
            ? new CommandLine(Verb.Since)
            : new CommandLine(Verb.Since) { IsValid = true, Part = rest[..space], Position = rest[(space + 1)..] };
    }

    private static CommandLine ParseRoom(Verb verb, ReadOnlySpan<byte> rest)
    {
        var reference = TakeLast(ref rest, "#"u8);
        var id = verb is Verb.Say ? TakeLast(ref rest, "id="u8) : default;
        if (!IsReference(reference))
        {
            return new CommandLine(verb);
        }

        reference = reference.IsEmpty ? reference : reference[1..];
        if (!IsId(id) || !TryParseRoom(rest, out var group, out var channel))
        {
            return new CommandLine(verb) { Reference = reference };
        }

        return new CommandLine(verb)
        {
            IsValid = true,
            Group = group,
            Channel = channel,
            Id = id.IsEmpty ? id : id["id=".Length..],
            Reference = reference,
        };
    }

    private static bool TryParseRoom(ReadOnlySpan<byte> text, out long group, out long channel)
    {
        (group, channel) = (0, 0);
        var comma = text.IndexOf((byte)',');
        return comma >= 0 && StrictId.TryParse(text[..comma], out group) && StrictId.TryParse(text[(comma + 1)..], out channel);
    }

    // Takes the last word if it begins in this way, and the space in front of it.
    private static ReadOnlySpan<byte> TakeLast(scoped ref ReadOnlySpan<byte> words, scoped ReadOnlySpan<byte> start)
    {
        var space = words.LastIndexOf((byte)' ');
        var last = words[(space + 1)..];
        if (space < 0 || !last.StartsWith(start))
        {
            return default;
        }

        words = words[..space];
        return last;
    }

    private static bool IsReference(ReadOnlySpan<byte> word)
    {
        if (word.IsEmpty)
        {
            return true;
        }

        foreach (var character in word[1..])
        {
            if (!char.IsAsciiLetterOrDigit((char)character))
            {
                return false;
            }
        }

        return word.Length is >= 2 and <= 1 + MaxReferenceCharacters;
    }

    private static bool IsId(ReadOnlySpan<byte> word) => word.IsEmpty
        || (word.Length - "id=".Length is >= 1 and <= MaxIdCharacters && !word.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E));
}
