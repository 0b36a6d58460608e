using System.Globalization;
using System.Text;

namespace Direct.Edge.Subscriptions;

/// <summary>
/// Writes the id of what a client says as the id of a signal: the user, a space, and the client's id. No other user and no backend can use the same
/// one, because the ids of backends contain no spaces.
/// </summary>
internal static class ClientSignalId
{
    /// <summary>Returns the id of a signal.</summary>
    /// <param name="user">The user of the connection.</param>
    /// <param name="id">The client's id, in visible ASCII characters.</param>
    public static string Of(long user, ReadOnlySpan<byte> id) =>
        string.Create(CultureInfo.InvariantCulture, $"{user} {Encoding.ASCII.GetString(id)}");

    /// <summary>Returns the user that an id is limited to; null if it is that of a backend.</summary>
    public static long? UserOf(string id) => id.IndexOf(' ', StringComparison.Ordinal) is var space and > 0
        && long.TryParse(id.AsSpan(0, space), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var user) ? user : null;
}
