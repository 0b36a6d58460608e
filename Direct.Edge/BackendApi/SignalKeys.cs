using System.Security.Cryptography;
using System.Text;

namespace Direct.Edge.BackendApi;

/// <summary>The keys of this node, as hashes: a memory dump of this type tells nothing, and every comparison takes the same time.</summary>
internal sealed class SignalKeys(IEnumerable<string> keys)
{
    public const int MinCharacters = 20;
    public const int MaxCharacters = 512;
    public const int MinDifferentCharacters = 8;

    private readonly byte[][] _hashes = [.. keys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    public int Count => _hashes.Length;

    /// <summary>Returns whether this is one of the keys. How long it takes says nothing about how near a wrong one came, or to which.</summary>
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

    /// <summary>Checks a key that is to be one of this node's.</summary>
    /// <returns>The problem, as the end of a sentence that never contains the key, or null.</returns>
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
