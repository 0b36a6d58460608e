using System.Text;

namespace Direct.Client;

/// <summary>Checks what callers give before it is sent.</summary>
internal static class SignalText
{
    private const int MaxIdLength = 128;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Returns a message in UTF-8. Throws <see cref="ArgumentException"/> if it has half of a surrogate pair, which UTF-8 cannot express.</summary>
    public static byte[] Encode(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Strict.GetBytes(message);
    }

    /// <summary>Returns the id of a signal, or a new one if the caller gives none.</summary>
    public static string CheckId(string? id)
    {
        if (id is null)
        {
            return Guid.CreateVersion7().ToString("N");
        }

        return id.Length is > 0 and <= MaxIdLength && id.All(character => character is > ' ' and <= '~')
            ? id
            : throw new ArgumentException($"'{id}' is not an id; expected 1 to {MaxIdLength} visible ASCII characters.", nameof(id));
    }
}
