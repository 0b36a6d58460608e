namespace Direct.Keeping;

/// <summary>Represents a kept message.</summary>
/// <param name="Payload">The text of the message. It does not change.</param>
/// <param name="Room">The room that a message to a user is limited to; otherwise zeros.</param>
internal readonly record struct KeptEntry(byte[] Payload, (long Group, long Channel) Room)
{
    private static readonly byte[] NoPayload = [0]; // recognised by its reference

    /// <summary>Gets an entry that has an offset and is sent to nobody.</summary>
    public static KeptEntry Void => new(NoPayload, default);

    /// <summary>Gets whether it is sent to nobody.</summary>
    public bool IsVoid => ReferenceEquals(Payload, NoPayload);
}
