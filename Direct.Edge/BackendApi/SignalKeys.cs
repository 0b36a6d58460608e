using System.Security.Cryptography;
using System.Text;

namespace Direct.Edge.BackendApi;

/// <summary>Holds the keys of this node as hashes. A memory dump does not reveal them, and every comparison takes the same time.</summary>
internal sealed class SignalKeys(IEnumerable<string> keys)
{
    public const int MinCharacters = 20;
    public const int MaxCharacters = 512;
    public const int MinDifferentCharacters = 8;

    private readonly byte[][] _hashes = [.. keys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    public int Count => _hashes.Length;

    /// <summary>
    /// Returns whether <paramref name="key"/> is one of the keys. The time that this takes reveals nothing about how similar a wrong key is.
    /// </summary>
    public bool Contains(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        var isRight = false;
        foreach (var known in _hashes)
        {
            isRight |= CryptographicOperations.FixedTimeEquals(known, hash); // no early exit
        }

        return isRight;
    }

    /// <summary>Checks whether a text can be a key of this node.</summary>
    /// <returns>The error as the end of a sentence, which never contains the key; null if there is none.</returns>
    public static string? Check(string? key) => key switch
    {
        null or "" => "is empty; a key without characters would let everyone in",
        _ when key.AsSpan().ContainsAnyExceptInRange('!', '~') => "holds a space or a character that is not visible ASCII",
        { Length: < MinCharacters } => $"has {key.Length} characters; it must have at least {MinCharacters}, or it could be guessed",
        { Length: > MaxCharacters } => $"has {key.Length} characters; it must have at most {MaxCharacters}",
        _ when key.Distinct().Count() is var different and < MinDifferentCharacters =>
            $"has only {different} different characters; it must have at least {MinDifferentCharacters}, or it could be guessed",
        _ => null,
    };
}
