using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Direct.Client;

/// <summary>Represents whom a message is addressed to: a group, a channel and a user, each a 64-bit number. 0 means any.</summary>
/// <param name="Group">The group; 0 is any.</param>
/// <param name="Channel">The channel; 0 is any.</param>
/// <param name="User">The user; 0 is any. Anonymous users have negative ids.</param>
public readonly record struct DirectPart(long Group, long Channel, long User) : IParsable<DirectPart>
{
    /// <summary>Gets the part that addresses every connection that has given a token.</summary>
    public static DirectPart Everyone => default;

    /// <summary>Returns the part that addresses every connection of a user.</summary>
    public static DirectPart ForUser(long user) => new(0, 0, user);

    /// <summary>Returns the part that addresses every connection in a group.</summary>
    public static DirectPart ForGroup(long group) => new(group, 0, 0);

    /// <summary>Returns the part that addresses every connection in a channel, in any group.</summary>
    public static DirectPart ForChannel(long channel) => new(0, channel, 0);

    /// <summary>Returns the part that addresses every connection in a room, which is a group and a channel.</summary>
    public static DirectPart ForRoom(long group, long channel) => new(group, channel, 0);

    /// <summary>Parses <c>group,channel,user</c>.</summary>
    /// <exception cref="FormatException">The text is not three 64-bit numbers that are separated by commas.</exception>
    public static DirectPart Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var part)
        ? part
        : throw new FormatException($"'{s}' is not a part; expected group,channel,user, three 64-bit numbers such as 7,1,0.");

    /// <summary>Parses <c>group,channel,user</c>. Returns whether the text is three 64-bit numbers that are separated by commas.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DirectPart result)
    {
        result = default;
        var fields = (s ?? "").Split(',');
        if (fields.Length != 3 || !Number.TryRead(fields[0], out var group) || !Number.TryRead(fields[1], out var channel) || !Number.TryRead(fields[2], out var user))
        {
            return false;
        }

        result = new DirectPart(group, channel, user);
        return true;
    }

    /// <summary>Returns <c>group,channel,user</c>, as the gateways read it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Group},{Channel},{User}");
}
