using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Direct.Client;

/// <summary>Represents a room, which a connection can join. <c>7,0</c> is group 7 without a channel, <c>0,3</c> is channel 3 without a group. <c>0,0</c> is not a room.</summary>
/// <param name="Group">The group.</param>
/// <param name="Channel">The channel.</param>
public readonly record struct DirectRoom(long Group, long Channel) : IParsable<DirectRoom>
{
    /// <summary>Gets the part that addresses every connection in this room.</summary>
    public DirectPart Part => new(Group, Channel, 0);

    /// <summary>Parses <c>group,channel</c>.</summary>
    /// <exception cref="FormatException">The text is not two 64-bit numbers that are separated by a comma.</exception>
    public static DirectRoom Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var room)
        ? room
        : throw new FormatException($"'{s}' is not a room; expected group,channel, two 64-bit numbers such as 7,1.");

    /// <summary>Parses <c>group,channel</c>. Returns whether the text is two 64-bit numbers that are separated by a comma.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DirectRoom result)
    {
        result = default;
        var fields = (s ?? "").Split(',');
        if (fields.Length != 2 || !Number.TryRead(fields[0], out var group) || !Number.TryRead(fields[1], out var channel))
        {
            return false;
        }

        result = new DirectRoom(group, channel);
        return true;
    }

    /// <summary>Returns <c>group,channel</c>, as the gateways read it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Group},{Channel}");
}
