namespace Direct.Edge.Rights;

/// <summary>Represents what is known of a user's rights in a room.</summary>
/// <param name="IsKnown">Whether the source has answered; if not, nothing is allowed.</param>
/// <param name="Mask">The rights: 1 to read, 2 to write; the other bits belong to the backend.</param>
internal readonly record struct RightsAnswer(bool IsKnown, long Mask)
{
    /// <summary>Specifies the bit of the right to join a room.</summary>
    public const long Read = 1;

    /// <summary>Specifies the bit of the right to broadcast in a room.</summary>
    public const long Write = 2;

    /// <summary>Gets the answer that allows everything.</summary>
    public static RightsAnswer All { get; } = new(IsKnown: true, Read | Write);

    /// <summary>Gets whether the user may join the room.</summary>
    public bool CanRead => IsKnown && (Mask & Read) != 0;

    /// <summary>Gets whether the user may broadcast in the room.</summary>
    public bool CanWrite => IsKnown && (Mask & Write) != 0;

    public static RightsAnswer Of(long? mask) => new(mask is not null, mask ?? 0);
}
